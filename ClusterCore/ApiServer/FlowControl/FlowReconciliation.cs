using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.FlowControl;

/// <summary>
/// Gives default flow objects the spec of this version. Who wants one otherwise annotates it with <c>autoupdate-spec: "false"</c>;
/// one without an annotation that was ever changed is taken to be wanted as it is.
/// </summary>
internal static class FlowReconciliation
{
    public const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";

    /// <summary>The object as it should be; null when it is so already.</summary>
    public static JsonObject? Compute(JsonObject wanted, JsonObject current)
    {
        var next = current.DeepClone().AsObject();
        var annotations = next.Ensure("metadata").Ensure("annotations");
        var generation = next.Metadata()!.Number("generation") ?? 1;
        var isKept = DefaultFlows.IsMandatory(wanted.Name()) || annotations.Text(AutoUpdate) switch
        {
            "true" => true,
            "false" => false,
            _ => generation == 1,
        };
        annotations[AutoUpdate] = isKept ? "true" : "false";
        if (isKept && !HasSpec(next, wanted))
        {
            next["spec"] = wanted["spec"]!.DeepClone();
            next["metadata"]!["generation"] = generation + 1;
        }

        return JsonNode.DeepEquals(next, current) ? null : next;
    }

    /// <summary>What the exempt level lends is anybody's to set: it limits nobody.</summary>
    public static bool HasSpec(JsonObject obj, JsonObject wanted) => JsonNode.DeepEquals(Limits(obj), Limits(wanted));

    private static JsonObject Limits(JsonObject obj)
    {
        if (obj.Spec() is not { } spec || !spec.ContainsKey("exempt")) { return obj.Spec() ?? []; }
        var limits = spec.DeepClone().AsObject();
        limits.Remove("exempt");
        return limits;
    }
}
