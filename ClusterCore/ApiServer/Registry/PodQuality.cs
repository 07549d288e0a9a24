using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>A pod's QoS class: Guaranteed when every container's cpu and memory are limited and requested the same.</summary>
internal static class PodQuality
{
    private static readonly string[] counted = ["cpu", "memory"];

    public static string Of(JsonObject pod)
    {
        var containers = Containers(pod, "containers").Concat(Containers(pod, "initContainers")).ToArray();
        var (anything, guaranteed) = (false, containers.Length > 0);
        foreach (var resources in containers)
        {
            foreach (var name in counted)
            {
                var (request, limit) = (Amount(resources?["requests"], name), Amount(resources?["limits"], name));
                anything |= request is not null || limit is not null;
                guaranteed &= limit is not null && (request is null || request == limit);
            }
        }

        return !anything ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static IEnumerable<JsonNode?> Containers(JsonObject pod, string name) =>
        pod["spec"]?[name] is JsonArray list ? list.Select(container => container?["resources"]) : [];

    /// <summary>Zero is as good as not said.</summary>
    private static Quantity? Amount(JsonNode? resources, string name) =>
        resources?[name]?.ToString() is { } text && Quantity.TryParse(text, out var quantity) && quantity.Sign > 0 ? quantity : null;
}
