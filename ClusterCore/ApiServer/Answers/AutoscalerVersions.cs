using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary>
/// autoscaling/v1 knows one metric, the use of cpu; v2 a list of them. What v1 cannot say is kept in the annotation that upstream
/// keeps it in.
/// </summary>
internal static class AutoscalerVersions
{
    private const string Kept = "autoscaling.alpha.kubernetes.io/metrics";

    public static JsonObject Convert(JsonObject obj, ResourceInfo wanted)
    {
        obj["apiVersion"] = wanted.ApiVersion;
        if (obj["spec"] is not JsonObject spec) { return obj; }
        if (wanted.Version == "v1") { ToV1(obj, spec); }
        else { ToV2(obj, spec); }
        return obj;
    }

    private static void ToV1(JsonObject obj, JsonObject spec)
    {
        var metrics = (spec["metrics"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        spec.Remove("metrics");
        var cpu = metrics.Find(metric => ObjectMeta.Text(metric["resource"], "name") == "cpu" && metric["resource"]?["target"]?["averageUtilization"] is not null);
        if (cpu is not null)
        {
            spec["targetCPUUtilizationPercentage"] = cpu["resource"]!["target"]!["averageUtilization"]!.DeepClone();
            metrics.Remove(cpu);
        }

        if (metrics.Count == 0) { return; }
        var metadata = ObjectMeta.Of(obj);
        if (metadata["annotations"] is not JsonObject annotations) { metadata["annotations"] = annotations = []; }
        annotations[Kept] = new JsonArray([.. metrics.Select(metric => metric.DeepClone())]).ToJsonString();
    }

    private static void ToV2(JsonObject obj, JsonObject spec)
    {
        var metrics = new JsonArray();
        if (ObjectMeta.Number(spec, "targetCPUUtilizationPercentage") is { } percentage)
        {
            metrics.Add((JsonNode)new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = percentage } },
            });
        }

        spec.Remove("targetCPUUtilizationPercentage");
        if (obj["metadata"]?["annotations"] is JsonObject annotations && ObjectMeta.Text(annotations, Kept) is { Length: > 0 } kept)
        {
            annotations.Remove(Kept);
            if (JsonCodec.TryParse(System.Text.Encoding.UTF8.GetBytes(kept), out var parsed, out _) && parsed is JsonArray more)
            {
                foreach (var metric in more) { metrics.Add(metric?.DeepClone()); }
            }
        }

        if (metrics.Count > 0) { spec["metrics"] = metrics; }
    }
}
