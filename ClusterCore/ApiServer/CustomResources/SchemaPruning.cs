using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>
/// Takes members away that a definition does not know any more: writes are pruned as they are decoded, but what was stored under
/// an earlier definition, or in another version, is seen by the present one.
/// </summary>
internal static class SchemaPruning
{
    /// <summary>Metadata is the server's, whatever a definition says of it.</summary>
    public static void Apply(ISchema root, JsonObject obj)
    {
        foreach (var (name, value) in obj.ToArray())
        {
            if (name == "metadata") { continue; }
            Member(root, obj, name, value);
        }
    }

    /// <summary>Of a value that a schema of a definition describes.</summary>
    public static void ApplyTo(JsonObject schema, JsonNode? value) => Prune(StructuralSchema.Of(schema), value);

    private static void Prune(ISchema schema, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj when schema.Kind == SchemaKind.Object:
                foreach (var (name, value) in obj.ToArray()) { Member(schema, obj, name, value); }
                break;
            case JsonObject map when schema is { Kind: SchemaKind.Map, Item: { } item }:
                foreach (var (_, value) in map) { Prune(item, value); }
                break;
            case JsonArray list when schema is { Kind: SchemaKind.List, Item: { } item }:
                foreach (var value in list) { Prune(item, value); }
                break;
        }
    }

    private static void Member(ISchema schema, JsonObject obj, string name, JsonNode? value)
    {
        if (schema.Field(name) is { } field) { Prune(field.Value, value); }
        else if (!schema.PreservesUnknownFields) { obj.Remove(name); }
    }
}
