using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>Everything in one document, for clients from before v3.</summary>
internal static class OpenApiV2
{
    public static JsonObject Document(ServedResources resources)
    {
        var paths = new JsonObject();
        foreach (var (path, item) in resources.All.SelectMany(Operations.PathsOf)) { paths[path] = item; }
        return new()
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = HealthHandler.KubernetesVersion },
            ["paths"] = paths,
            ["definitions"] = new Definitions().All,
        };
    }
}
