using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>
/// The shape a definition gives its objects: which members there are (others are pruned) and how lists and maps merge. Types of
/// scalars are left to <see cref="SchemaValidation"/>, which says what is wrong in upstream's words.
/// </summary>
internal sealed class StructuralSchema : ISchema
{
    private readonly Dictionary<string, FieldSchema> fields = new(StringComparer.Ordinal);

    private StructuralSchema(JsonObject schema)
    {
        PreservesUnknownFields = Flag(schema, "x-kubernetes-preserve-unknown-fields");
        Atomic = ObjectMeta.Text(schema, "x-kubernetes-map-type") == "atomic";
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject typed) { fields[name] = new(name, Of(typed)) { Optional = true }; }
        }

        if (Flag(schema, "x-kubernetes-embedded-resource")) { AddTypeMeta(); }
    }

    public SchemaKind Kind => SchemaKind.Object;

    public bool Atomic { get; }

    public bool PreservesUnknownFields { get; }

    public ISchema? Item => null;

    public IEnumerable<FieldSchema> Fields => fields.Values;

    public FieldSchema? Field(string name) => fields.GetValueOrDefault(name);

    public FieldSchema? Field(ReadOnlySpan<char> name) =>
        fields.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var field) ? field : null;

    /// <summary>The schema of a whole object: what the definition says, and the metadata every object has.</summary>
    public static ISchema Root(JsonObject schema)
    {
        var root = new StructuralSchema(schema);
        root.AddTypeMeta();
        return root;
    }

    /// <summary>The schema of a part of one.</summary>
    public static ISchema Of(JsonObject schema) => ObjectMeta.Text(schema, "type") switch
    {
        "object" when schema["additionalProperties"] is JsonObject values => new MapSchema(Of(values), ObjectMeta.Text(schema, "x-kubernetes-map-type") == "atomic"),
        "object" when schema["properties"] is null && !Flag(schema, "x-kubernetes-embedded-resource") && Flag(schema, "x-kubernetes-preserve-unknown-fields") => ScalarSchema.Any,
        "object" when schema["additionalProperties"] is JsonValue => ScalarSchema.Any,
        "object" => new StructuralSchema(schema),
        "array" => List(schema),
        _ => ScalarSchema.Any,
    };

    private static ListSchema List(JsonObject schema)
    {
        var keys = (schema["x-kubernetes-list-map-keys"] as JsonArray ?? []).Select(key => key?.ToString() ?? "").ToArray();
        // Without keys no item is another's: the list is one value.
        var type = ObjectMeta.Text(schema, "x-kubernetes-list-type") switch { "map" when keys.Length > 0 => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic };
        return new(schema["items"] is JsonObject item ? Of(item) : ScalarSchema.Any, type, keys);
    }

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out bool set) && set;

    private void AddTypeMeta()
    {
        fields["kind"] = new("kind", ScalarSchema.Text) { Optional = true };
        fields["apiVersion"] = new("apiVersion", ScalarSchema.Text) { Optional = true };
        fields["metadata"] = new("metadata", ApiCatalog.Default.Type("k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta")!) { Optional = true };
    }
}
