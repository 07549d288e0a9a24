using System.Buffers.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Reads what a webhook answered. An answer that leaves room for doubt is no answer.</summary>
internal static class AdmissionAnswer
{
    public static WebhookOutcome Read(Webhook webhook, AdmissionReview question, byte[] body, bool mayPatch)
    {
        if (!JsonCodec.TryParse(body, out var parsed, out var error) || parsed is not JsonObject review)
        {
            return new WebhookOutcome.Failed($"failed to call webhook: couldn't get version/kind; json parse error: {error ?? "the answer is no object"}");
        }

        if (review.Object("response") is not { } response) { return Invalid("webhook response was absent"); }
        if (Mismatch(webhook, question, review, response) is { } wrong) { return Invalid(wrong); }
        string[] warnings = [.. response.Texts("warnings")];
        if (response.Flag("allowed") != true)
        {
            return new WebhookOutcome.Refused(WebhookRefusal.Denied(webhook.Name, response.Object("status"))) { Warnings = warnings };
        }

        return Patched(response, mayPatch) with { Warnings = warnings };
    }

    /// <summary>v1beta1 left kind and uid to the webhook; v1 wants both.</summary>
    private static string? Mismatch(Webhook webhook, AdmissionReview question, JsonObject review, JsonObject response)
    {
        if (webhook.ReviewVersion == "v1beta1") { return null; }
        var (version, kind, uid) = (review.Text("apiVersion") ?? "", review.Text("kind") ?? "", response.Text("uid") ?? "");
        if (version != "admission.k8s.io/v1" || kind != "AdmissionReview")
        {
            return $"expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {version}, Kind={kind}";
        }

        return uid == question.Uid ? null : $"expected response.uid=\"{question.Uid}\", got \"{uid}\"";
    }

    private static WebhookOutcome Patched(JsonObject response, bool mayPatch)
    {
        var (patch, type) = (response.Text("patch") ?? "", response.Text("patchType") ?? "");
        return (patch.Length > 0, type.Length > 0) switch
        {
            (true, _) when !mayPatch => Invalid("validating webhook may not return response.patch"),
            (_, true) when !mayPatch => Invalid("validating webhook may not return response.patchType"),
            (false, false) => new WebhookOutcome.Allowed(null),
            (true, false) => Invalid("webhook returned response.patch but not response.patchType"),
            (false, true) => Invalid("webhook returned response.patchType but not response.patch"),
            _ when type != "JSONPatch" => Invalid($"webhook returned invalid response.patchType of \"{type}\""),
            _ => Decode(patch),
        };
    }

    private static WebhookOutcome Decode(string patch)
    {
        if (!Base64.IsValid(patch)) { return new WebhookOutcome.Failed("failed to call webhook: illegal base64 data in response.patch"); }
        return JsonCodec.TryParse(Convert.FromBase64String(patch), out var parsed, out var error) && parsed is JsonArray operations
            ? new WebhookOutcome.Allowed(operations.Count > 0 ? operations : null)
            : new WebhookOutcome.Failed($"received undecodable patch in webhook response: {error ?? "a JSON patch is a list of operations"}");
    }

    private static WebhookOutcome.Failed Invalid(string reason) => new($"received invalid webhook response: {reason}");
}
