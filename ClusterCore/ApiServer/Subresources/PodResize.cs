using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary><c>/resize</c>: only the containers' resources change.</summary>
internal static class PodResize
{
    public static void Prepare(ResourceInfo resource, JsonObject current, JsonObject next)
    {
        var wanted = Containers(next).ToDictionary(container => ObjectMeta.Text(container, "name"), StringComparer.Ordinal);
        var spec = current["spec"]?.DeepClone();
        foreach (var name in (string[])["metadata", "status"]) { ObjectMeta.Copy(current, next, name); }
        next["spec"] = spec;
        foreach (var container in Containers(next))
        {
            if (wanted.TryGetValue(ObjectMeta.Text(container, "name"), out var changed)) { ObjectMeta.Copy(changed, container, "resources"); }
        }

        Preparation.CountGeneration(resource, current, next);
    }

    private static IEnumerable<JsonObject> Containers(JsonObject pod) => (pod["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>();
}
