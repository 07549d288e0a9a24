using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Certificates;

/// <summary>
/// Which part of a CertificateSigningRequest a write may change: approvers their conditions, signers the certificate and other
/// conditions, nobody the request itself.
/// </summary>
internal static class SigningRequests
{
    private static readonly string[] verdicts = ["Approved", "Denied"];

    public static bool Is(Resources.ResourceInfo resource) => resource is { Group: "certificates.k8s.io", Kind: "CertificateSigningRequest" };

    public static void ForApproval(JsonObject current, JsonObject next, DateTimeOffset now)
    {
        var wanted = next["status"]?["conditions"]?.DeepClone();
        Preparation.KeepServerMetadata(current, next);
        ObjectMeta.Copy(current, next, "spec");
        ObjectMeta.Copy(current, next, "status");
        if (next["status"] is not JsonObject) { next["status"] = new JsonObject(); }
        next["status"]!["conditions"] = wanted;
        KeepFinal(current, next);
        Stamp(current, next, now);
    }

    /// <summary>What <c>/status</c> may not do: approve, deny, or change a certificate that was issued.</summary>
    public static void ForStatus(JsonObject current, JsonObject next, DateTimeOffset now)
    {
        KeepFinal(current, next);
        foreach (var type in verdicts)
        {
            var (before, after) = (Conditions(current, type), Conditions(next, type));
            if (after.Length > before.Length) { throw Forbidden(next, "conditions", $"updates may not add a condition of type \"{type}\""); }
            for (var i = 0; i < before.Length; i++) { next["status"]!["conditions"]![after[i].GetElementIndex()] = before[i].DeepClone(); }
        }

        var issued = ObjectMeta.Text(current["status"], "certificate");
        if (issued.Length > 0 && issued != ObjectMeta.Text(next["status"], "certificate"))
        {
            throw Forbidden(next, "certificate", "updates may not modify existing certificate content");
        }

        Stamp(current, next, now);
    }

    private static void KeepFinal(JsonObject current, JsonObject next)
    {
        foreach (var type in (string[])[.. verdicts, "Failed"])
        {
            if (Conditions(next, type).Length < Conditions(current, type).Length)
            {
                throw Forbidden(next, "conditions", $"updates may not remove a condition of type \"{type}\"");
            }
        }
    }

    private static void Stamp(JsonObject current, JsonObject next, DateTimeOffset now)
    {
        foreach (var condition in All(next))
        {
            if (ObjectMeta.Text(condition, "lastUpdateTime").Length == 0) { condition["lastUpdateTime"] = ObjectMeta.Timestamp(now); }
            if (ObjectMeta.Text(condition, "lastTransitionTime").Length > 0) { continue; }
            var same = All(current).FirstOrDefault(one => one["type"]?.ToString() == condition["type"]?.ToString() && one["status"]?.ToString() == condition["status"]?.ToString());
            condition["lastTransitionTime"] = same?["lastTransitionTime"]?.DeepClone() ?? ObjectMeta.Timestamp(now);
        }
    }

    private static IEnumerable<JsonObject> All(JsonObject request) => (request["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>();

    private static JsonObject[] Conditions(JsonObject request, string type) => [.. All(request).Where(condition => ObjectMeta.Text(condition, "type") == type)];

    private static StatusException Forbidden(JsonObject request, string field, string message) => Refusal.Invalid(
        "certificates.k8s.io", "CertificateSigningRequest", ObjectMeta.Name(request), [new("FieldValueForbidden", $"Forbidden: {message}", $"status.{field}")]);
}
