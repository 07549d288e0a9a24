using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>Lays a configuration over an object: its values win, what it does not name stays.</summary>
internal static class TreeMerge
{
    /// <summary>Changes and gives back <paramref name="live"/>.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject configuration, ISchema? schema)
    {
        foreach (var (name, value) in configuration)
        {
            var field = schema?.Field(name);
            live.TryGetPropertyValue(name, out var current);
            var merged = Merge(current, value, PathElements.MemberSchema(schema, name), field?.Atomic);
            if (!ReferenceEquals(merged, current) || current is null)
            {
                live[name] = merged;
            }
        }

        return live;
    }

    private static JsonNode? Merge(JsonNode? current, JsonNode? value, ISchema? schema, bool? atomic) => (current, value) switch
    {
        (JsonObject live, JsonObject configuration) when !(atomic ?? schema?.Atomic ?? false) => Merge(live, configuration, schema),
        (JsonArray live, JsonArray configuration) when schema is { Kind: SchemaKind.List, ListType: not ListType.Atomic } => Merge(live, configuration, schema),
        // A null names none of the parts: they stay whose they are.
        (not null, null) when HasParts(schema, atomic) => current,
        _ => value?.DeepClone(),
    };

    private static bool HasParts(ISchema? schema, bool? atomic) => schema?.Kind switch
    {
        SchemaKind.Object or SchemaKind.Map => !(atomic ?? schema.Atomic),
        SchemaKind.List => schema.ListType != ListType.Atomic,
        _ => false,
    };

    /// <summary>
    /// The items of the configuration come in its order; items only the object has keep their place between the shared ones.
    /// </summary>
    private static JsonArray Merge(JsonArray live, JsonArray configuration, ISchema schema)
    {
        var current = live.ToList();
        live.Clear();
        var liveKeys = current.ConvertAll(item => PathElements.Item(schema, item));
        var configured = configuration.Select(item => PathElements.Item(schema, item)).ToList();
        var (wanted, taken) = (configured.ToHashSet(StringComparer.Ordinal), 0);
        for (var i = 0; i < current.Count; i++)
        {
            if (liveKeys[i] is null || !wanted.Contains(liveKeys[i]))
            {
                live.Add(current[i]);
                continue;
            }

            // A shared item: everything the configuration has before it goes first, unless it went already.
            var place = configured.IndexOf(liveKeys[i]);
            for (; taken <= place; taken++)
            {
                live.Add(Configured(taken));
            }
        }

        for (; taken < configured.Count; taken++)
        {
            live.Add(Configured(taken));
        }

        return live;

        JsonNode? Configured(int place)
        {
            var match = liveKeys.IndexOf(configured[place]);
            return match < 0 ? configuration[place]?.DeepClone() : Merge(current[match], configuration[place], schema.Item, null);
        }
    }
}
