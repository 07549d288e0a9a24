using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>The Status of a request that a webhook did not let through, in the words clients know.</summary>
internal static class WebhookRefusal
{
    /// <summary>The webhook's own Status, under the webhook's name.</summary>
    public static Status Denied(string webhook, JsonObject? result)
    {
        var denied = $"admission webhook \"{webhook}\" denied the request";
        var reason = result?.Text("reason");
        var message = (result?.Text("message"), reason) switch
        {
            ({ Length: > 0 } text, _) => $"{denied}: {text}",
            (_, { Length: > 0 } text) => $"{denied}: {text}",
            _ => $"{denied} without explanation",
        };
        var details = result?.Object("details") ?? [];
        // A refusal is no success, whatever code it came with.
        return new((int)Math.Max(result?.Number("code") ?? 400, 400), reason, message)
        {
            Name = details.Text("name"),
            Group = details.Text("group"),
            Kind = details.Text("kind"),
            Uid = details.Text("uid"),
            RetryAfterSeconds = (int)(details.Number("retryAfterSeconds") ?? 0),
            Causes = [.. details.Items("causes").Select(cause => new StatusCause(cause.Text("reason") ?? "", cause.Text("message") ?? "", cause.Text("field")))],
        };
    }

    public static StatusException Uncallable(Webhook webhook, string reason) => Refusal.Internal($"failed calling webhook \"{webhook.Name}\": {reason}");

    public static Status NoDryRun(Webhook webhook) => Refusal.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run").Status;
}
