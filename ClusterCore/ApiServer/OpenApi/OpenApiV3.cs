using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>The document of one group and version.</summary>
internal static class OpenApiV3
{
    public static JsonObject Document(ServedResources resources, (string Group, string Version) version)
    {
        var served = resources.All.Where(resource => (resource.Group, resource.Version) == version).ToArray();
        var definitions = new Definitions();
        var paths = new JsonObject();
        foreach (var (path, item) in served.SelectMany(Operations.PathsOf)) { paths[path] = item; }
        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = HealthHandler.KubernetesVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = Schemas(definitions, served, resources) },
        };
    }

    private static JsonObject Schemas(Definitions definitions, ResourceInfo[] served, ServedResources resources)
    {
        var roots = served.SelectMany(resource => Kinds(resource).Select(kind => definitions.NameOf(kind.Group, kind.Version, kind.Kind))).OfType<string>();
        var schemas = definitions.Closure(roots.Append("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions").Append(CustomSchemas.Metadata));
        foreach (var custom in served.Select(resources.CustomOf).OfType<CustomResource>()) { CustomSchemas.Add(schemas, custom); }
        return schemas;
    }

    private static IEnumerable<(string Group, string Version, string Kind)> Kinds(ResourceInfo resource)
    {
        yield return (resource.Group, resource.Version, resource.Kind);
        yield return (resource.Group, resource.Version, resource.ListKind);
        foreach (var subresource in resource.Subresources)
        {
            yield return subresource.Version.Length > 0
                ? (subresource.Group, subresource.Version, subresource.Kind)
                : (resource.Group, resource.Version, subresource.Kind);
        }
    }
}
