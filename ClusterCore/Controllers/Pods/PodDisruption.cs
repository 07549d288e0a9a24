using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>Tells a pod's owner that the pod ends through no fault of its own.</summary>
internal static class PodDisruption
{
    public static Patch Target(string reason, string message, long generation, DateTimeOffset now, string? phase = null)
    {
        var condition = new JsonObject
        {
            ["type"] = "DisruptionTarget",
            ["status"] = "True",
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = TimeConverter.ToText(now),
        };
        if (generation > 0)
        {
            condition["observedGeneration"] = generation;
        }
        var status = new JsonObject { ["conditions"] = new JsonArray(condition) };
        if (phase is not null)
        {
            status["phase"] = phase;
        }
        return Patch.Strategic(new JsonObject { ["status"] = status });
    }
}
