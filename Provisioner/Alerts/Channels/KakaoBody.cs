using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>An incoming webhook of a Kakao Work bot: <c>text</c> for notifications, <c>blocks</c> for the room.</summary>
internal static class KakaoBody
{
    // Kakao's limits of a header and of a text block.
    private const int MaxHeader = 20;
    private const int MaxText = 500;

    public static JsonObject Of(AlertMessage message) => new()
    {
        ["text"] = $"{message.Alert.Title} ({message.Place})",
        ["blocks"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "header",
                ["text"] = Shorten(message.Alert.Title, MaxHeader),
                ["style"] = message.Alert.Severity == AlertSeverity.Info ? "blue" : "red",
            },
            new JsonObject { ["type"] = "text", ["text"] = Shorten(message.Alert.Text, MaxText) },
            new JsonObject { ["type"] = "text", ["text"] = Shorten(message.Place, MaxText) }),
    };

    private static string Shorten(string text, int limit) => text.Length <= limit ? text : text[..(limit - 1)] + "…";
}
