using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>The definitions of the catalog, in the form that v2 or v3 documents want.</summary>
internal sealed class Definitions
{
    public const string V2Prefix = "#/definitions/";
    public const string V3Prefix = "#/components/schemas/";
    private readonly JsonObject all = JsonNode.Parse(ApiCatalog.Default.OpenApiDefinitions())!.AsObject();

    public JsonObject All => all;

    /// <summary>The definition of a kind, by the group-version-kinds it says it is.</summary>
    public string? NameOf(string group, string version, string kind)
    {
        foreach (var (name, definition) in all)
        {
            foreach (var gvk in definition?["x-kubernetes-group-version-kind"] as JsonArray ?? [])
            {
                if (gvk?["kind"]?.ToString() == kind && gvk["group"]?.ToString() == group && gvk["version"]?.ToString() == version) { return name; }
            }
        }

        return null;
    }

    /// <summary>The named definitions and all they refer to, with v3's references.</summary>
    public JsonObject Closure(IEnumerable<string> names)
    {
        var (result, waiting) = (new JsonObject(), new Queue<string>(names));
        while (waiting.TryDequeue(out var name))
        {
            if (result.ContainsKey(name) || all[name] is not { } definition) { continue; }
            var copy = definition.DeepClone().AsObject();
            Convert(copy, waiting);
            result[name] = copy;
        }

        return result;
    }

    /// <summary>Where a reference has company it goes into an <c>allOf</c>: beside <c>$ref</c> nothing counts.</summary>
    private static void Convert(JsonNode node, Queue<string> waiting)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) { if (item is not null) { Convert(item, waiting); } }
            return;
        }

        if (node is not JsonObject obj) { return; }
        if (obj["$ref"] is JsonValue reference && reference.TryGetValue(out string? target))
        {
            var name = target[V2Prefix.Length..];
            waiting.Enqueue(name);
            obj.Remove("$ref");
            if (obj.Count == 0) { obj["$ref"] = V3Prefix + name; }
            else { obj["allOf"] = new JsonArray(new JsonObject { ["$ref"] = V3Prefix + name }); }
            return;
        }

        foreach (var (key, child) in obj)
        {
            if (child is not null && key is not "default") { Convert(child, waiting); }
        }
    }
}
