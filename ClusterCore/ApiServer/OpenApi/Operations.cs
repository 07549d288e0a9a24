using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>The paths of a resource and what each method of them does, in as many words as clients read.</summary>
internal static class Operations
{
    private static readonly string[] readParameters = ["pretty"];
    private static readonly string[] listParameters =
    [
        "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "pretty", "resourceVersion",
        "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
    ];

    private static readonly string[] writeParameters = ["dryRun", "fieldManager", "fieldValidation", "pretty"];
    private static readonly string[] patchParameters = [.. writeParameters, "force"];
    private static readonly string[] deleteParameters = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy", "pretty"];

    public static IEnumerable<(string Path, JsonObject Item)> PathsOf(ResourceInfo resource)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Plural}" : $"{root}/{resource.Plural}";
        yield return (collection, Collection(resource));
        if (resource.Namespaced && resource.Verbs.Contains("list", StringComparer.Ordinal))
        {
            yield return ($"{root}/{resource.Plural}", new() { ["get"] = Operation(resource, resource.Kind, "list", listParameters) });
        }

        if (resource.Verbs.Contains("get", StringComparer.Ordinal)) { yield return ($"{collection}/{{name}}", One(resource)); }
        foreach (var subresource in resource.Subresources)
        {
            yield return ($"{collection}/{{name}}/{subresource.Name}", Sub(resource, subresource));
        }
    }

    private static JsonObject Collection(ResourceInfo resource) => Item(resource, resource.Kind, resource.Verbs,
        [("get", "list", listParameters), ("post", "create", writeParameters), ("delete", "deletecollection", deleteParameters)]);

    private static JsonObject One(ResourceInfo resource) => Item(resource, resource.Kind, resource.Verbs,
        [("get", "get", readParameters), ("put", "update", writeParameters), ("patch", "patch", patchParameters), ("delete", "delete", deleteParameters)]);

    private static JsonObject Sub(ResourceInfo resource, SubresourceInfo subresource) => Item(resource, subresource.Kind, subresource.Verbs,
        [("get", "get", readParameters), ("post", "create", writeParameters), ("put", "update", writeParameters), ("patch", "patch", patchParameters)]);

    private static JsonObject Item(ResourceInfo resource, string kind, IReadOnlyList<string> verbs, (string Method, string Verb, string[] Parameters)[] methods)
    {
        var item = new JsonObject();
        foreach (var (method, verb, parameters) in methods)
        {
            if (verbs.Contains(verb, StringComparer.Ordinal)) { item[method] = Operation(resource, kind, verb, parameters); }
        }

        return item;
    }

    private static JsonObject Operation(ResourceInfo resource, string kind, string verb, string[] parameters) => new()
    {
        ["x-kubernetes-action"] = verb switch { "create" => "post", "update" => "put", _ => verb },
        ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = resource.Group, ["version"] = resource.Version, ["kind"] = kind },
        ["parameters"] = new JsonArray([.. parameters.Select(name => (JsonNode)Parameter(name))]),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
    };

    private static JsonObject Parameter(string name) => new()
    {
        ["name"] = name,
        ["in"] = "query",
        ["schema"] = new JsonObject
        {
            ["type"] = name switch
            {
                "limit" or "timeoutSeconds" or "gracePeriodSeconds" => "integer",
                "watch" or "allowWatchBookmarks" or "sendInitialEvents" or "force" or "orphanDependents" => "boolean",
                _ => "string",
            },
            ["uniqueItems"] = true
        },
    };
}
