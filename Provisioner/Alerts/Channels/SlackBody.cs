using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>An incoming webhook of Slack: <c>text</c> for notifications, <c>blocks</c> for the channel (Block Kit).</summary>
internal static class SlackBody
{
    // Block Kit's limit of a section's text.
    private const int MaxText = 3000;

    public static JsonObject Of(AlertMessage message)
    {
        var alert = message.Alert;
        return new()
        {
            ["text"] = $"{alert.Title} ({message.Place})",
            ["blocks"] = new JsonArray(
                Section($"{Mark(alert.Severity)} *{Escape(alert.Title)}*\n{Escape(alert.Text)}"),
                new JsonObject
                {
                    ["type"] = "context",
                    ["elements"] = new JsonArray(new JsonObject { ["type"] = "mrkdwn", ["text"] = Escape(message.Place) }),
                }),
        };
    }

    private static JsonObject Section(string text) => new()
    {
        ["type"] = "section",
        ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = text.Length > MaxText ? text[..MaxText] : text },
    };

    private static string Mark(AlertSeverity severity) => severity switch
    {
        AlertSeverity.Critical => ":red_circle:",
        AlertSeverity.Warning => ":warning:",
        _ => ":white_check_mark:",
    };

    // The three characters that mean something in Slack's text.
    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
