using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>The fields an object sets, down to values and whatever is owned as a whole.</summary>
internal sealed class OwnedFields
{
    private readonly bool isStrict;

    private OwnedFields(bool isStrict) => this.isStrict = isStrict;

    /// <summary>Of an object that is stored already: what does not fit the schema is taken as it is.</summary>
    public static FieldTree Of(JsonObject stored, ISchema schema)
    {
        var tree = new FieldTree();
        new OwnedFields(isStrict: false).Members(stored, schema, tree, "");
        return tree;
    }

    /// <summary>Of what a client wants to apply, checked against the schema on the way.</summary>
    /// <param name="error">The first thing that does not fit.</param>
    public static FieldTree? OfConfiguration(JsonObject configuration, ISchema schema, out string? error)
    {
        var tree = new FieldTree();
        try
        {
            new OwnedFields(isStrict: true).Members(configuration, schema, tree, "");
            error = null;
            return tree;
        }
        catch (ApplyException misfit)
        {
            error = misfit.Message;
            return null;
        }
    }

    private void Members(JsonObject obj, ISchema? schema, FieldTree tree, string path)
    {
        foreach (var (name, value) in obj)
        {
            var field = schema?.Field(name);
            var valueSchema = field?.Value ?? (schema?.Kind == SchemaKind.Map ? schema.Item : null);
            if (isStrict && valueSchema is null && schema is { Kind: SchemaKind.Object, PreservesUnknownFields: false } && !IsTypeMeta(name, path))
            {
                throw new ApplyException($"{path}.{name}: field not declared in schema");
            }

            var branch = new FieldTree();
            Value(value, valueSchema, field?.Atomic, branch, $"{path}.{name}");
            branch.IsMember |= value is null or JsonObject { Count: 0 } || field is null;
            tree.Add(PathElements.Field(name), branch);
        }
    }

    private static bool IsTypeMeta(string name, string path) => path.Length == 0 && name is "apiVersion" or "kind";

    private void Value(JsonNode? value, ISchema? schema, bool? atomic, FieldTree tree, string path)
    {
        if (value is null)
        {
            tree.IsMember = true;
            return;
        }

        if (isStrict)
        {
            CheckKind(value, schema, path);
        }

        switch (value)
        {
            case JsonObject obj when !(atomic ?? schema?.Atomic ?? false):
                Members(obj, schema, tree, path);
                break;
            case JsonArray list when schema is { Kind: SchemaKind.List, ListType: not ListType.Atomic }:
                Items(list, schema, tree, path);
                break;
            default:
                tree.IsMember = true;
                break;
        }
    }

    private void Items(JsonArray list, ISchema schema, FieldTree tree, string path)
    {
        var items = new Dictionary<string, FieldTree>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            if (isStrict)
            {
                CheckItem(list[i], i, schema, path);
            }

            var element = PathElements.Item(schema, list[i]) ?? $"i:{i}";
            var isKnown = items.TryGetValue(element, out var known);
            if (isStrict && isKnown)
            {
                throw new ApplyException($"{path}: duplicate entries for key {PathElements.Show(element)}");
            }

            var branch = new FieldTree();
            Value(list[i], schema.Item, null, branch, path + PathElements.Show(element));
            branch.IsMember = true;
            items[element] = isKnown ? FieldTree.Union(known!, branch) : branch;
        }

        foreach (var (element, branch) in items)
        {
            tree.Add(element, branch);
        }
    }

    private static void CheckItem(JsonNode? item, int index, ISchema schema, string path)
    {
        if (schema.ListType != ListType.Map)
        {
            return;
        }

        if (item is not JsonObject obj)
        {
            throw new ApplyException($"{path}: element {index}: associative list with keys may not have non-map elements");
        }

        var missing = PathElements.MissingKey(schema, obj) ?? (PathElements.Item(schema, obj) is null ? schema.ListMapKeys[0] : null);
        if (missing is not null)
        {
            throw new ApplyException(
                $"{path}: element {index}: associative list with keys has an element that omits key field \"{missing}\" (and doesn't have default value)");
        }
    }

    private static void CheckKind(JsonNode value, ISchema? schema, string path)
    {
        var kind = value.GetValueKind();
        var expected = schema?.Kind switch
        {
            SchemaKind.Object or SchemaKind.Map when kind != JsonValueKind.Object => "map",
            SchemaKind.List when kind != JsonValueKind.Array => "list",
            SchemaKind.String or SchemaKind.Bytes or SchemaKind.Time or SchemaKind.MicroTime or SchemaKind.Duration
                when kind != JsonValueKind.String => "string",
            SchemaKind.Boolean when kind is not (JsonValueKind.True or JsonValueKind.False) => "boolean",
            SchemaKind.Int32 or SchemaKind.Int64 or SchemaKind.Double when kind != JsonValueKind.Number => "numeric (int or float)",
            _ => null,
        };
        if (expected is not null)
        {
            throw new ApplyException($"{path}: expected {expected}, got {Shown(expected, value)}");
        }
    }

    /// <summary>As upstream's library happens to print what it holds: each of these four in another way.</summary>
    private static string Shown(string expected, JsonNode value) => expected switch
    {
        "string" => $"&value.valueUnstructured{{Value:{GoFormat.Literal(value)}}}",
        "numeric (int or float)" => GoFormat.TypeOf(value),
        _ => $"&{{{GoFormat.Of(value)}}}",
    };
}

/// <summary>A configuration that does not fit its schema: leaves the walk over one object, never the applier.</summary>
internal sealed class ApplyException(string message) : Exception(message);
