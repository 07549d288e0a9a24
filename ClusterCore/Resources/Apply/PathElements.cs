using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

internal static class PathElements
{
    public static string Field(string name) => "f:" + name;

    /// <summary>How a list tells this item apart; null when it lacks a key that has no default.</summary>
    public static string? Item(ISchema list, JsonNode? item)
    {
        if (list.ListType == ListType.Set)
        {
            return "v:" + (item?.ToJsonString(JsonCodec.NodeOptions) ?? "null");
        }

        if (item is not JsonObject obj)
        {
            return null;
        }

        // A JSON object of the keys, in order: k:{"containerPort":80,"protocol":"TCP"}
        IEnumerable<string> names = list.ListMapKeys.Count > 1 ? list.ListMapKeys.Order(StringComparer.Ordinal) : list.ListMapKeys;
        var element = "";
        foreach (var name in names)
        {
            if ((obj[name] ?? DefaultOf(list.Item, name)) is { } value)
            {
                element += $"{(element.Length == 0 ? "k:{" : ",")}\"{name}\":{value.ToJsonString(JsonCodec.NodeOptions)}";
            }
        }

        return element.Length == 0 ? null : element + "}";
    }

    /// <summary>The first key that an item lacks and that has no default; one that may be left out is a key only where it is set.</summary>
    public static string? MissingKey(ISchema list, JsonObject item) =>
        list.ListMapKeys.FirstOrDefault(name => item[name] is null && DefaultOf(list.Item, name) is null && list.Item?.Field(name)?.OmitEmpty != true);

    public static ISchema? SchemaOf(ISchema? parent, string element) =>
        parent is null ? null
        : element.StartsWith("f:", StringComparison.Ordinal) ? MemberSchema(parent, element[2..])
        : parent.Item;

    public static ISchema? MemberSchema(ISchema? parent, string name) =>
        parent?.Field(name)?.Value ?? (parent?.Kind is SchemaKind.Map ? parent.Item : null);

    /// <summary>.name, [name="web"], [="value"] or [0]</summary>
    public static string Show(string element)
    {
        var rest = element[2..];
        switch (element[0])
        {
            case 'f':
                return "." + rest;
            case 'v':
                return $"[={rest}]";
            case 'k' when JsonCodec.TryParse(Encoding.UTF8.GetBytes(rest), out var parsed, out _) && parsed is JsonObject keys:
                return $"[{string.Join(',', keys.Select(static key => $"{key.Key}={key.Value?.ToJsonString(JsonCodec.NodeOptions)}"))}]";
            default:
                return $"[{rest}]";
        }
    }

    private static JsonNode? DefaultOf(ISchema? item, string name) =>
        item?.Field(name)?.Default is { } literal && !literal.StartsWith("ref(", StringComparison.Ordinal)
        && JsonCodec.TryParse(Encoding.UTF8.GetBytes(literal), out var value, out _) && value?.GetValueKind() != JsonValueKind.Null
            ? value : ZeroOf(item, name);

    /// <summary>What a field of a built-in type is that must be there, and is not.</summary>
    private static JsonNode? ZeroOf(ISchema? item, string name) => item is TypeSchema && item.Field(name) is { OmitEmpty: false, Pointer: false } field
        ? field.Value.Kind switch { SchemaKind.String => "", SchemaKind.Int32 or SchemaKind.Int64 => 0, _ => null }
        : null;
}
