using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Discovery;

/// <param name="Versions">The preferred one first.</param>
internal sealed record ApiGroup(string Name, IReadOnlyList<string> Versions);

/// <summary>The documents of <c>/apis</c>, <c>/apis/GROUP</c> and <c>/apis/GROUP/VERSION</c>.</summary>
internal static class GroupDocuments
{
    public static IEnumerable<ApiGroup> Groups(ServedResources resources) => resources.All
        .Where(resource => resource.Group.Length > 0)
        .GroupBy(resource => resource.Group, StringComparer.Ordinal)
        .Select(group => new ApiGroup(group.Key, [.. group.Select(resource => resource.Version).Distinct(StringComparer.Ordinal).OrderDescending(VersionPriority.Comparer)]));

    public static JsonObject Group(ApiGroup group) => new()
    {
        ["name"] = group.Name,
        ["versions"] = new JsonArray([.. group.Versions.Select(version => (JsonNode)Version(group.Name, version))]),
        ["preferredVersion"] = Version(group.Name, group.Versions[0]),
    };

    public static JsonObject? Resources(ServedResources resources, string group, string version)
    {
        var served = resources.All.Where(resource => resource.Group == group && resource.Version == version).ToArray();
        return served.Length == 0
            ? null
            : new()
            {
                ["kind"] = "APIResourceList",
                ["apiVersion"] = "v1",
                ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
                ["resources"] = new JsonArray([.. served.SelectMany(resource => Entries(resources, resource))]),
            };
    }

    private static JsonObject Version(string group, string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static IEnumerable<JsonNode> Entries(ServedResources resources, ResourceInfo resource)
    {
        yield return Main(resource, StorageVersionHash.Of(resources, resource));
        foreach (var subresource in resource.Subresources) { yield return Sub(resource, subresource); }
    }

    private static JsonObject Main(ResourceInfo resource, string? storageVersionHash)
    {
        var entry = new JsonObject
        {
            ["name"] = resource.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0) { entry["shortNames"] = Texts(resource.ShortNames); }
        if (resource.Categories.Count > 0) { entry["categories"] = Texts(resource.Categories); }
        if (storageVersionHash is not null) { entry["storageVersionHash"] = storageVersionHash; }
        return entry;
    }

    private static JsonObject Sub(ResourceInfo resource, SubresourceInfo subresource)
    {
        var entry = new JsonObject { ["name"] = $"{resource.Plural}/{subresource.Name}", ["singularName"] = "", ["namespaced"] = resource.Namespaced };
        if (subresource.Version.Length > 0)
        {
            entry["group"] = subresource.Group;
            entry["version"] = subresource.Version;
        }

        entry["kind"] = subresource.Kind;
        entry["verbs"] = Texts(subresource.Verbs);
        return entry;
    }

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
