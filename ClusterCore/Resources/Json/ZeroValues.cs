using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>
/// Objects pass through Go structs upstream, and clients see the traces: a null, an empty text or list with omitempty is gone, and
/// a struct that is no pointer is always there (<c>resources: {}</c>).
/// </summary>
internal static class ZeroValues
{
    public static bool IsOmitted(JsonNode? node, FieldSchema field) => node switch
    {
        null => true,
        JsonArray list => field.OmitEmpty && list.Count == 0,
        JsonObject map => field.OmitEmpty && map.Count == 0 && field.Value.Kind == SchemaKind.Map,
        JsonValue value => field is { OmitEmpty: true, Pointer: false } && IsZero(value, field.Value.Kind),
        _ => false,
    };

    public static void Complete(JsonObject obj, TypeSchema type)
    {
        foreach (var field in type.AlwaysWritten)
        {
            if (!obj.ContainsKey(field.Name))
            {
                obj.Add(field.Name, Zero(field.Value));
            }
        }
    }

    /// <summary>What a null among the items of a list or map is to Go; null where it may be one.</summary>
    public static JsonNode? OfItem(ISchema schema) => schema.Kind is SchemaKind.Object or SchemaKind.Quantity or SchemaKind.String or SchemaKind.Boolean
        or SchemaKind.Int32 or SchemaKind.Int64 or SchemaKind.Double or SchemaKind.IntOrString ? Zero(schema) : null;

    private static bool IsZero(JsonValue value, SchemaKind kind) => kind switch
    {
        SchemaKind.String or SchemaKind.Bytes => value.TryGetValue<string>(out var text) && text.Length == 0,
        SchemaKind.Int32 or SchemaKind.Int64 => value.TryGetValue<long>(out var number) && number == 0,
        SchemaKind.Boolean => value.TryGetValue<bool>(out var flag) && !flag,
        _ => false,
    };

    private static JsonNode? Zero(ISchema schema)
    {
        switch (schema.Kind)
        {
            case SchemaKind.Object:
                var obj = new JsonObject();
                if (schema is TypeSchema type)
                {
                    Complete(obj, type);
                }

                return obj;
            case SchemaKind.Time or SchemaKind.MicroTime or SchemaKind.List or SchemaKind.Map:
                return null;
            case SchemaKind.Quantity:
                return JsonValue.Create("0");
            case SchemaKind.String:
                return JsonValue.Create("");
            case SchemaKind.Boolean:
                return JsonValue.Create(false);
            case SchemaKind.Double:
                return JsonValue.Create(0.0);
            default:
                return JsonValue.Create(0L);
        }
    }
}
