using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

internal static class TreeRemoval
{
    /// <summary>A copy of the object without the members of the set.</summary>
    public static JsonObject Without(JsonObject obj, FieldTree removed, ISchema? schema)
    {
        var result = new JsonObject();
        foreach (var (name, value) in obj)
        {
            var element = PathElements.Field(name);
            if (!removed.Has(element))
            {
                Keep(result, name, value, removed.Find(element), PathElements.MemberSchema(schema, name));
            }
        }

        return result;
    }

    private static void Keep(JsonObject result, string name, JsonNode? value, FieldTree? below, ISchema? schema)
    {
        var kept = Without(value, below, schema);

        // What lost all it had is gone; what was empty before stays.
        if (below is null || kept is not (null or JsonObject { Count: 0 } or JsonArray { Count: 0 }))
        {
            result[name] = kept;
        }
    }

    private static JsonNode? Without(JsonNode? value, FieldTree? removed, ISchema? schema) => value switch
    {
        _ when removed is null => value?.DeepClone(),
        JsonObject obj => Without(obj, removed, schema),
        JsonArray list when schema?.Kind == SchemaKind.List => Without(list, removed, schema),
        _ => value?.DeepClone(),
    };

    private static JsonArray Without(JsonArray list, FieldTree removed, ISchema schema)
    {
        var result = new JsonArray();
        foreach (var item in list)
        {
            var element = PathElements.Item(schema, item);
            if (element is null || !removed.Has(element))
            {
                result.Add(Without(item, element is null ? null : removed.Find(element), schema.Item));
            }
        }

        return result;
    }
}
