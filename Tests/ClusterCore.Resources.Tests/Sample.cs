using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests;

/// <summary>An object with every field of its type set, as deep as three levels into types that contain themselves.</summary>
internal static class Sample
{
    public static JsonObject Of(TypeSchema type) => Object(type, []);

    private static JsonObject Object(TypeSchema type, Dictionary<string, int> open)
    {
        var obj = new JsonObject();
        open[type.Name] = open.GetValueOrDefault(type.Name) + 1;
        if (open[type.Name] < 3)
        {
            foreach (var field in type.Fields.Where(static field => field.Number > 0))
            {
                obj[field.Name] = Value(field.Value, open);
            }
        }

        open[type.Name]--;
        return obj;
    }

    private static JsonNode? Value(ISchema schema, Dictionary<string, int> open) => schema.Kind switch
    {
        SchemaKind.String => "text",
        SchemaKind.Boolean => true,
        SchemaKind.Int32 => -7,
        SchemaKind.Int64 => 1L << 40,
        SchemaKind.Double => 1.5,
        SchemaKind.Bytes => "AAEC",
        SchemaKind.Quantity => "1500m",
        SchemaKind.IntOrString => "50%",
        SchemaKind.Time => "2026-01-02T03:04:05Z",
        SchemaKind.MicroTime => "2026-01-02T03:04:05.000006Z",
        SchemaKind.Duration => "1m30s",
        SchemaKind.FieldsV1 => new JsonObject { ["f:spec"] = new JsonObject() },
        SchemaKind.List => new JsonArray(Value(schema.Item!, open)),
        SchemaKind.Map => new JsonObject { ["a"] = Value(schema.Item!, open), ["b"] = Value(schema.Item!, open) },
        SchemaKind.Object => Object((TypeSchema)schema, open),
        SchemaKind.SchemaOrArray or SchemaKind.SchemaOrBool => Value(schema.Item!, open),
        SchemaKind.SchemaOrStringArray => new JsonArray("one"),
        _ => new JsonObject { ["any"] = new JsonArray(1L, "x", null, 2.5) },
    };
}
