using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>An owner counts once, however often a write names it; its writer is told.</summary>
internal static class OwnerReferences
{
    public static void Deduplicate(Scope scope, JsonObject obj, bool isAdmitted = false)
    {
        if (obj.Metadata()?.List("ownerReferences") is not { Count: > 1 } owners) { return; }
        var (kept, again) = (new JsonArray(), new List<string>());
        foreach (var owner in owners.OfType<JsonObject>())
        {
            if (kept.Any(other => JsonNode.DeepEquals(other, owner))) { again.Add(owner.Text("uid") ?? ""); }
            else { kept.Add(owner.DeepClone()); }
        }

        if (again.Count == 0) { return; }
        obj.Metadata()!["ownerReferences"] = kept;
        scope.Request.Warn(
            $".metadata.ownerReferences contains duplicate entries{(isAdmitted ? " after mutating admission happens" : "")}; "
            + "API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; "
            + $"duplicate UID(s) observed: {string.Join(", ", again)}");
    }
}
