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
        foreach (var (path, item) in resources.All.SelectMany(Operations.PathsOf)) { paths[path] = Flat(item); }
        var definitions = new Definitions().All;
        foreach (var custom in resources.Custom) { CustomSchemas.AddV2(definitions, custom); }
        return new()
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = HealthHandler.KubernetesVersion },
            ["paths"] = paths,
            ["definitions"] = definitions,
        };
    }

    /// <summary>Before v3 a parameter had no schema: what that says is the parameter's own.</summary>
    private static JsonObject Flat(JsonObject item)
    {
        foreach (var parameter in item.SelectMany(operation => operation.Value!["parameters"]!.AsArray()).OfType<JsonObject>())
        {
            foreach (var (name, value) in parameter["schema"]!.AsObject()) { parameter[name] = value?.DeepClone(); }
            parameter.Remove("schema");
        }

        return item;
    }
}
