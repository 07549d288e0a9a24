using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>
/// What a pod asks for in all: its containers and sidecars together, or an init container beside the sidecars before it where that is
/// more; and what the pod itself says instead.
/// </summary>
internal static class PodUsage
{
    public static Dictionary<string, Quantity> Sum(JsonObject pod, string kind)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var peak = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in Containers(pod, "containers")) { Add(total, Amounts(container, kind)); }
        foreach (var container in Containers(pod, "initContainers"))
        {
            var isSidecar = ObjectMeta.Text(container, "restartPolicy") == "Always";
            if (isSidecar) { Add(total, Amounts(container, kind)); }
            var beside = isSidecar ? sidecars : new(sidecars, StringComparer.Ordinal);
            Add(beside, Amounts(container, kind));
            Raise(peak, beside);
        }

        Raise(total, peak);
        foreach (var (name, amount) in Read(pod["spec"]?["resources"]?[kind])) { total[name] = amount; }
        return total;
    }

    private static void Add(Dictionary<string, Quantity> total, IEnumerable<(string Name, Quantity Amount)> amounts)
    {
        foreach (var (name, amount) in amounts) { total[name] = total.TryGetValue(name, out var sum) ? sum + amount : amount; }
    }

    private static void Raise(Dictionary<string, Quantity> total, Dictionary<string, Quantity> least)
    {
        foreach (var (name, amount) in least)
        {
            if (!total.TryGetValue(name, out var sum) || amount > sum) { total[name] = amount; }
        }
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
