using System.Text.Json.Nodes;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>
/// Standard Webhooks' envelope: <c>{"type":"deployed","timestamp":"2026-…Z","data":{"cluster":"blue","title":"…",…}}</c>.
/// </summary>
internal static class WebhookBody
{
    public static JsonObject Of(AlertMessage message)
    {
        var alert = message.Alert;
        return new()
        {
            ["type"] = alert.Rule,
            ["timestamp"] = alert.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
            ["data"] = new JsonObject
            {
                ["id"] = alert.Id.ToString(),
                ["project"] = message.Project,
                ["cluster"] = message.Cluster,
                ["clusterId"] = alert.ClusterId.Length == 0 ? null : alert.ClusterId,
                ["severity"] = alert.Severity.ToString().ToLowerInvariant(),
                ["title"] = alert.Title,
                ["text"] = alert.Text,
                ["object"] = alert.ObjectKind is null
                    ? null
                    : new JsonObject { ["kind"] = alert.ObjectKind, ["namespace"] = alert.ObjectNamespace, ["name"] = alert.ObjectName },
            },
        };
    }
}
