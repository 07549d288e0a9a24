using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Validation.Definitions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>What a definition's status says: which names it has, whether it is served, which versions are or were stored.</summary>
internal static class DefinitionStatus
{
    public static bool IsEstablished(JsonObject definition) => IsTrue(definition, "Established");

    public static bool HasItsNames(JsonObject definition) => IsTrue(definition, "NamesAccepted");

    public static JsonObject First(JsonObject definition)
    {
        var status = new JsonObject { ["conditions"] = null, ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" }, ["storedVersions"] = new JsonArray() };
        if (StorageVersion(definition) is { } version) { status["storedVersions"] = new JsonArray(version); }
        return status;
    }

    /// <summary>A version that objects were stored in is remembered until somebody says that there are none of it any more.</summary>
    public static void RememberStorage(JsonObject definition)
    {
        if (StorageVersion(definition) is not { } version) { return; }
        var status = definition.Ensure("status");
        var stored = status.Texts("storedVersions").ToList();
        if (!stored.Contains(version, StringComparer.Ordinal)) { status["storedVersions"] = new JsonArray([.. stored.Append(version).Select(static one => (JsonNode)one)]); }
    }

    /// <param name="definition">Gets its status.</param>
    /// <param name="group">All definitions of its group, itself among them.</param>
    public static void Set(JsonObject definition, IEnumerable<JsonObject> group, DateTimeOffset now)
    {
        var status = definition.Ensure("status");
        var claim = NameClaim.Compute(
            definition.Spec()?.Object("names") ?? [], status.Object("acceptedNames") ?? [],
            group.Select(static one => one.Object("status")?.Object("acceptedNames")).OfType<JsonObject>());
        var conditions = status["conditions"] as JsonArray ?? [];
        status["conditions"] ??= conditions;
        if (!JsonNode.DeepEquals(status["acceptedNames"], claim.Accepted)) { status["acceptedNames"] = claim.Accepted; }
        SetCondition(conditions, "NamesAccepted", claim.Conflict is null, claim.Conflict?.Reason ?? "NoConflicts", claim.Conflict?.Message ?? "no conflicts found", now);
        // Names that are lost later do not end what is served under those it has.
        if (claim.Conflict is null && !IsEstablished(definition))
        {
            // Served as it is, it could not be mended: a good bundle may not give way to a bad one.
            if (ConversionValidation.HasBadBundle(definition.Spec() ?? [])) { SetCondition(conditions, "Established", false, "InvalidCABundle", "The conversion webhook CABundle is invalid", now); }
            else { SetCondition(conditions, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now); }
        }
        else if (!conditions.Any(static one => ObjectMeta.Text(one, "type") == "Established")) { SetCondition(conditions, "Established", false, "NotAccepted", "not all names are accepted", now); }
        SetApproval(definition, conditions, now);
        RememberStorage(definition);
    }

    private static void SetApproval(JsonObject definition, JsonArray conditions, DateTimeOffset now)
    {
        if (!ApiApproval.IsProtected(definition.Spec()?.Text("group") ?? "")) { return; }
        var (state, message) = ApiApproval.Of(definition);
        var reason = state switch
        {
            ApprovalState.Missing => "MissingAnnotation",
            ApprovalState.Invalid => "InvalidAnnotation",
            ApprovalState.Approved => "ApprovedAnnotation",
            _ => "UnapprovedAnnotation",
        };
        SetCondition(conditions, "KubernetesAPIApprovalPolicyConformant", state == ApprovalState.Approved, reason, message, now);
    }

    private static string? StorageVersion(JsonObject definition) =>
        definition.Spec()?.Items("versions").FirstOrDefault(static version => version.Flag("storage") == true)?.Text("name");

    private static bool IsTrue(JsonObject definition, string type) =>
        definition.Object("status")?.Items("conditions").Any(one => one.Text("type") == type && one.Text("status") == "True") == true;

    /// <summary>The time is that of the last change from one status to another.</summary>
    private static void SetCondition(JsonArray conditions, string type, bool isTrue, string reason, string message, DateTimeOffset now)
    {
        var status = isTrue ? "True" : "False";
        var found = conditions.OfType<JsonObject>().FirstOrDefault(one => one.Text("type") == type);
        if (found is null) { conditions.Add((JsonNode)(found = new() { ["lastTransitionTime"] = "", ["message"] = "", ["reason"] = "", ["status"] = "", ["type"] = type })); }
        if (found.Text("status") != status) { found["lastTransitionTime"] = ObjectMeta.Timestamp(now); }
        (found["message"], found["reason"], found["status"]) = (message, reason, status);
    }
}
