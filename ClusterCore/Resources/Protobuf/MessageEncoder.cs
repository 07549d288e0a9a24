using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>An object tree to wire bytes; the writer runs backwards, so fields and items do too.</summary>
internal static class MessageEncoder
{
    public static void Encode(JsonObject obj, TypeSchema type, WireWriter writer)
    {
        for (var i = type.Wire.Count - 1; i >= 0; i--)
        {
            var wire = type.Wire[i];
            if (wire.Inlined is { } inlined)
            {
                var before = writer.Length;
                Encode(obj, inlined, writer);
                writer.Head(wire.Number, writer.Length - before);
            }
            else if (obj.TryGetPropertyValue(wire.Field!.Name, out var value) && value is not null)
            {
                EncodeField(value, wire.Field, writer);
            }
        }
    }

    private static void EncodeField(JsonNode value, FieldSchema field, WireWriter writer)
    {
        switch (field.Value)
        {
            case ListSchema { Wrapped: false } list:
                for (var i = ((JsonArray)value).Count - 1; i >= 0; i--)
                {
                    EncodeValue(value[i], list.Item!, field.Number, writer);
                }

                break;
            case MapSchema map:
                foreach (var (key, member) in ((JsonObject)value).OrderByDescending(static member => member.Key, StringComparer.Ordinal))
                {
                    var before = writer.Length;
                    EncodeValue(member, map.Item!, 2, writer);
                    writer.TextField(1, key);
                    writer.Head(field.Number, writer.Length - before);
                }

                break;
            default:
                EncodeValue(value, field.Value, field.Number, writer);
                break;
        }
    }

    private static void EncodeValue(JsonNode? node, ISchema schema, int number, WireWriter writer)
    {
        if (node is null)
        {
            writer.Head(number, 0);
            return;
        }

        switch (schema.Kind)
        {
            case SchemaKind.String:
                writer.TextField(number, JsonNumbers.Text(node) ?? "");
                break;
            case SchemaKind.Boolean:
                writer.VarintField(number, node.GetValueKind() == JsonValueKind.True ? 1 : 0);
                break;
            case SchemaKind.Int32 or SchemaKind.Int64:
                writer.VarintField(number, JsonNumbers.Int64(node) ?? 0);
                break;
            case SchemaKind.Double:
                writer.DoubleField(number, JsonNumbers.Double(node) ?? 0);
                break;
            case SchemaKind.Bytes:
                writer.BytesField(number, Convert.FromBase64String(JsonNumbers.Text(node) ?? ""));
                break;
            default:
                var before = writer.Length;
                EncodeMessage(node, schema, writer);
                writer.Head(number, writer.Length - before);
                break;
        }
    }

    private static void EncodeMessage(JsonNode node, ISchema schema, WireWriter writer)
    {
        switch (schema)
        {
            case TypeSchema type:
                Encode(node.AsObject(), type, writer);
                break;
            case ListSchema:
                for (var i = node.AsArray().Count - 1; i >= 0; i--)
                {
                    writer.TextField(1, JsonNumbers.Text(node[i]) ?? "");
                }

                break;
            default:
                SpecialMessages.Encode(node, schema, writer);
                break;
        }
    }
}
