using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>A Teams workflow "when a webhook request is received": a message with one adaptive card.</summary>
internal static class TeamsBody
{
    public static JsonObject Of(AlertMessage message) => new()
    {
        ["type"] = "message",
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["contentType"] = "application/vnd.microsoft.card.adaptive",
            ["content"] = new JsonObject
            {
                ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                ["type"] = "AdaptiveCard",
                ["version"] = "1.4",
                ["body"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "TextBlock",
                        ["text"] = message.Alert.Title,
                        ["weight"] = "Bolder",
                        ["size"] = "Medium",
                        ["color"] = Color(message.Alert.Severity),
                        ["wrap"] = true,
                    },
                    new JsonObject { ["type"] = "TextBlock", ["text"] = message.Alert.Text, ["wrap"] = true },
                    new JsonObject { ["type"] = "TextBlock", ["text"] = message.Place, ["isSubtle"] = true, ["wrap"] = true }),
            },
        }),
    };

    private static string Color(AlertSeverity severity) => severity switch
    {
        AlertSeverity.Critical => "Attention",
        AlertSeverity.Warning => "Warning",
        _ => "Good",
    };
}
