using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>
/// <c>matchLabelKeys</c> and <c>mismatchLabelKeys</c> of a new pod become requirements of the selectors beside them, with the pod's own
/// values: whoever reads the pod later needs no other labels to know whom it means. Keys that the pod has no label for say nothing.
/// </summary>
internal static class MatchLabelKeys
{
    public static void Merge(JsonObject pod)
    {
        if (pod["metadata"]?["labels"] is not JsonObject labels || pod["spec"] is not JsonObject spec) { return; }
        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            var affinity = spec["affinity"]?[kind];
            foreach (var term in Items(affinity?["requiredDuringSchedulingIgnoredDuringExecution"])) { MergeTerm(term, labels); }
            foreach (var weighted in Items(affinity?["preferredDuringSchedulingIgnoredDuringExecution"]))
            {
                if (weighted["podAffinityTerm"] is JsonObject term) { MergeTerm(term, labels); }
            }
        }

        foreach (var constraint in Items(spec["topologySpreadConstraints"])) { Require(constraint, "matchLabelKeys", "In", labels); }
    }

    private static void MergeTerm(JsonObject term, JsonObject labels)
    {
        Require(term, "matchLabelKeys", "In", labels);
        Require(term, "mismatchLabelKeys", "NotIn", labels);
    }

    private static void Require(JsonObject term, string list, string comparison, JsonObject labels)
    {
        if (term[list] is not JsonArray keys || term["labelSelector"] is not JsonObject selector) { return; }
        foreach (var key in keys.Select(key => key?.ToString()).OfType<string>())
        {
            if (labels[key] is not { } value) { continue; }
            if (selector["matchExpressions"] is not JsonArray requirements) { selector["matchExpressions"] = requirements = []; }
            requirements.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = comparison, ["values"] = new JsonArray(value.DeepClone()) });
        }
    }

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
