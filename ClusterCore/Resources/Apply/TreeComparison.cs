using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>What changed between two objects, as sets of fields.</summary>
internal sealed class TreeComparison
{
    private TreeComparison()
    {
    }

    /// <summary>Fields that are new or have another value: what a writer takes over.</summary>
    public FieldTree Written { get; } = new();

    public FieldTree Removed { get; } = new();

    public static TreeComparison Compare(JsonObject before, JsonObject after, ISchema schema)
    {
        var comparison = new TreeComparison();
        Members(before, after, schema, comparison.Written, comparison.Removed);
        return comparison;
    }

    private static void Members(JsonObject? before, JsonObject? after, ISchema? schema, FieldTree written, FieldTree removed)
    {
        foreach (var (name, value) in after ?? [])
        {
            JsonNode? old = null;
            var wasThere = before is not null && (before.TryGetPropertyValue(name, out old) || IsWrittenAsNull(schema, name));
            Child(null, name, wasThere, old, true, value, schema, written, removed);
        }

        foreach (var (name, old) in before ?? [])
        {
            if (after?.ContainsKey(name) != true)
            {
                var remains = after is not null && IsWrittenAsNull(schema, name);
                Child(null, name, true, old, remains, null, schema, written, removed);
            }
        }
    }

    /// <summary>
    /// A field without omitempty is in an object even when it is empty, as null: setting it takes over its parts, not itself.
    /// </summary>
    private static bool IsWrittenAsNull(ISchema? schema, string name) =>
        schema is TypeSchema && schema.Field(name) is { OmitEmpty: false, Number: > 0 };

    /// <param name="item">Of a list; null for the field <paramref name="name"/>.</param>
    private static void Child(
        string? item, string name, bool wasThere, JsonNode? old, bool isThere, JsonNode? value, ISchema? parent, FieldTree written, FieldTree removed)
    {
        var field = item is null ? parent?.Field(name) : null;
        var schema = item is null ? PathElements.MemberSchema(parent, name) : parent?.Item;
        FieldTree writtenHere = new() { IsMember = !wasThere }, removedHere = new() { IsMember = !isThere };
        if (!IsLeaf(old, value, schema, field?.Atomic))
        {
            Below(old, value, schema, writtenHere, removedHere);
        }
        else if (wasThere && isThere)
        {
            writtenHere.IsMember = !JsonNode.DeepEquals(old, value);
        }

        if (writtenHere.IsEmpty && removedHere.IsEmpty)
        {
            return;
        }

        var element = item ?? PathElements.Field(name);
        written.Add(element, writtenHere);
        removed.Add(element, removedHere);
    }

    private static bool IsLeaf(JsonNode? old, JsonNode? value, ISchema? schema, bool? atomic)
    {
        var some = value ?? old;
        return some switch
        {
            JsonObject => (atomic ?? schema?.Atomic ?? false) || (IsEmpty(old) && IsEmpty(value)) || !IsObjectOrNothing(old) || !IsObjectOrNothing(value),
            JsonArray => schema is not { Kind: SchemaKind.List, ListType: not ListType.Atomic } || (IsEmpty(old) && IsEmpty(value))
                || old is not (null or JsonArray) || value is not (null or JsonArray),
            _ => true,
        };
    }

    private static bool IsObjectOrNothing(JsonNode? node) => node is null or JsonObject;

    private static bool IsEmpty(JsonNode? node) => node is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    private static void Below(JsonNode? old, JsonNode? value, ISchema? schema, FieldTree written, FieldTree removed)
    {
        if ((value ?? old) is JsonObject)
        {
            Members(old as JsonObject, value as JsonObject, schema, written, removed);
            return;
        }

        var before = ListItems.ByElement(old as JsonArray, schema!);
        var after = ListItems.ByElement(value as JsonArray, schema!);
        foreach (var (element, item) in after)
        {
            Child(element, "", before.TryGetValue(element, out var match), match, true, item, schema, written, removed);
        }

        foreach (var (element, item) in before.Where(item => !after.ContainsKey(item.Key)))
        {
            Child(element, "", true, item, false, null, schema, written, removed);
        }
    }
}

internal static class ListItems
{
    /// <summary>Of items that cannot be told apart the last one counts; items without their keys count by their place.</summary>
    public static Dictionary<string, JsonNode?> ByElement(JsonArray? list, ISchema schema)
    {
        var items = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        for (var i = 0; i < (list?.Count ?? 0); i++)
        {
            items[PathElements.Item(schema, list![i]) ?? $"i:{i}"] = list[i];
        }

        return items;
    }
}
