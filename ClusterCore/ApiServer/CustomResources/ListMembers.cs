using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>Lists of type set hold no value twice, lists of type map no two items with the same keys.</summary>
internal static class ListMembers
{
    public static IReadOnlyList<FieldError> Validate(JsonObject schema, JsonObject obj)
    {
        var errors = new List<FieldError>();
        Walk(schema, obj, "", errors);
        return errors;
    }

    /// <summary>The items of a list of type map by what tells them apart.</summary>
    public static Dictionary<string, JsonNode?>? ByKey(JsonObject schema, JsonArray? list)
    {
        if (list is null) { return null; }
        var items = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in list) { items.TryAdd(KeyOf(schema, item).ToJsonString(), item); }
        return items;
    }

    /// <summary>Those members of an item that the schema calls its keys.</summary>
    public static JsonObject KeyOf(JsonObject schema, JsonNode? item)
    {
        var key = new JsonObject();
        foreach (var name in schema.Texts("x-kubernetes-list-map-keys"))
        {
            if (item is JsonObject obj && obj.TryGetPropertyValue(name, out var value)) { key[name] = value?.DeepClone(); }
        }

        return key;
    }

    private static void Walk(JsonObject schema, JsonNode? value, string path, List<FieldError> errors)
    {
        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, child) in obj)
                {
                    if (schema.Object("properties")?[name] is JsonObject typed) { Walk(typed, child, path.Length == 0 ? name : $"{path}.{name}", errors); }
                    else if (schema["additionalProperties"] is JsonObject values) { Walk(values, child, $"{path}[{name}]", errors); }
                }

                break;
            case JsonArray list:
                Distinct(schema, list, path, errors);
                if (schema["items"] is not JsonObject item) { return; }
                for (var i = 0; i < list.Count; i++) { Walk(item, list[i], $"{path}[{i}]", errors); }
                break;
        }
    }

    /// <summary>The second of several that are the same is told, not each.</summary>
    private static void Distinct(JsonObject schema, JsonArray list, string path, List<FieldError> errors)
    {
        var type = ObjectMeta.Text(schema, "x-kubernetes-list-type");
        if (type is not ("set" or "map")) { return; }
        if (type == "map" && list.Index().FirstOrDefault(static one => one.Item is not (null or JsonObject)) is { Item: { } wrong } at)
        {
            errors.Add(FieldError.Invalid($"{path}[{at.Index}]", wrong, "must be an object for an array of list-type map"));
            return;
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var key = type == "set" ? list[i] : KeyOf(schema, list[i]);
            var text = key?.ToJsonString() ?? "null";
            seen[text] = seen.GetValueOrDefault(text) + 1;
            if (seen[text] == 2) { errors.Add(FieldError.Duplicate($"{path}[{i}]", key)); }
        }
    }
}
