using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>What a pod asks for in all: its containers together, or its largest init container where that is more.</summary>
internal static class PodUsage
{
    public static Dictionary<string, Quantity> Sum(JsonObject pod, string kind)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in Containers(pod, "containers"))
        {
            foreach (var (name, amount) in Amounts(container, kind)) { total[name] = total.TryGetValue(name, out var sum) ? sum + amount : amount; }
        }

        foreach (var container in Containers(pod, "initContainers"))
        {
            foreach (var (name, amount) in Amounts(container, kind))
            {
                if (!total.TryGetValue(name, out var sum) || amount > sum) { total[name] = amount; }
            }
        }

        return total;
    }

    public static IEnumerable<JsonObject> Containers(JsonObject pod, string list) => (pod["spec"]?[list] as JsonArray ?? []).OfType<JsonObject>();

    public static IEnumerable<(string Name, Quantity Amount)> Amounts(JsonObject container, string kind) => Read(container["resources"]?[kind]);

    public static IEnumerable<(string Name, Quantity Amount)> Read(JsonNode? amounts)
    {
        foreach (var (name, value) in amounts as JsonObject ?? [])
        {
            if (Quantity.TryParse(value?.ToString(), out var quantity)) { yield return (name, quantity); }
        }
    }

    public static string Name(JsonObject container) => ObjectMeta.Text(container, "name");
}
