using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Discovery;

/// <summary><c>apidiscovery.k8s.io/v2</c>: everything in one answer, so that kubectl asks twice and not fifty times.</summary>
internal static class AggregatedDocument
{
    public static JsonObject Core(ServedResources resources) => List([Group(resources, new("", ["v1"]))]);

    public static JsonObject Named(ServedResources resources) => List(GroupDocuments.Groups(resources).Select(group => Group(resources, group)));

    private static JsonObject List(IEnumerable<JsonObject> groups) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. groups]),
    };

    private static JsonObject Group(ServedResources resources, ApiGroup group)
    {
        var metadata = new JsonObject();
        if (group.Name.Length > 0) { metadata["name"] = group.Name; }
        return new()
        {
            ["metadata"] = metadata,
            ["versions"] = new JsonArray([.. group.Versions.Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. resources.All.Where(one => one.Group == group.Name && one.Version == version).Select(one => (JsonNode)Resource(one))]),
                ["freshness"] = "Current",
            })]),
        };
    }

    private static JsonObject Resource(ResourceInfo resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind(resource.Group, resource.Version, resource.Kind),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = GroupDocuments.Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0) { entry["shortNames"] = GroupDocuments.Texts(resource.ShortNames); }
        if (resource.Categories.Count > 0) { entry["categories"] = GroupDocuments.Texts(resource.Categories); }
        if (resource.Subresources.Count > 0) { entry["subresources"] = new JsonArray([.. resource.Subresources.Select(one => (JsonNode)Subresource(resource, one))]); }
        return entry;
    }

    private static JsonObject Subresource(ResourceInfo resource, SubresourceInfo subresource) => new()
    {
        ["subresource"] = subresource.Name,
        ["responseKind"] = subresource.Version.Length > 0
            ? Kind(subresource.Group, subresource.Version, subresource.Kind)
            : Kind(resource.Group, resource.Version, subresource.Kind),
        ["verbs"] = GroupDocuments.Texts(subresource.Verbs),
    };

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
