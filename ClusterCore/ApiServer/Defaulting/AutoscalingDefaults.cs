using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

/// <summary>Both versions have minReplicas; metrics and behavior are of v2, the CPU target is v1's.</summary>
internal static class AutoscalingDefaults
{
    private const long CpuUtilization = 80;
    private const string OtherMetrics = "autoscaling.alpha.kubernetes.io/metrics";

    public static void HorizontalPodAutoscaler(JsonObject autoscaler)
    {
        var spec = autoscaler.Ensure("spec");
        spec.Default("minReplicas", 1);
        if (autoscaler.Text("apiVersion") == "autoscaling/v1")
        {
            if (autoscaler.Metadata()?.Object("annotations")?.ContainsKey(OtherMetrics) != true) { spec.Default("targetCPUUtilizationPercentage", CpuUtilization); }
            return;
        }

        if (spec.List("metrics") is not { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = CpuUtilization },
                },
            });
        }

        if (spec.Object("behavior") is { } behavior)
        {
            ScaleUp(behavior.Ensure("scaleUp"));
            ScaleDown(behavior.Ensure("scaleDown"));
        }
    }

    private static void ScaleUp(JsonObject rules)
    {
        rules.Default("stabilizationWindowSeconds", 0);
        rules.DefaultMissing("selectPolicy", "Max");
        if (rules["policies"] is null)
        {
            rules["policies"] = new JsonArray(Policy("Pods", 4), Policy("Percent", 100));
        }
    }

    private static void ScaleDown(JsonObject rules)
    {
        rules.DefaultMissing("selectPolicy", "Max");
        if (rules["policies"] is null)
        {
            rules["policies"] = new JsonArray(Policy("Percent", 100));
        }
    }

    private static JsonObject Policy(string type, long value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15L };
}
