using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>Messages whose JSON form is something else: Quantity, IntOrString, times, embedded JSON, unions of schemas.</summary>
internal static class SpecialMessages
{
    public static JsonNode? Decode(ReadOnlySpan<byte> message, ISchema schema, int depth)
    {
        long[] numbers = new long[3];
        string? text = null;
        ReadOnlySpan<byte> first = default;
        var strings = new List<string>();
        var nested = new List<JsonNode>();
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (number <= 3 && wireType == WireType.Varint)
            {
                numbers[number - 1] = (long)reader.Varint();
            }
            else if (wireType == WireType.Bytes && schema is UnionSchema union)
            {
                Collect(reader.Bytes(), union, number, strings, nested, depth);
            }
            else if (wireType == WireType.Bytes)
            {
                var bytes = reader.Bytes();
                text = schema.Kind is SchemaKind.Quantity or SchemaKind.IntOrString ? System.Text.Encoding.UTF8.GetString(bytes) : null;
                first = number == 1 ? bytes : first;
            }
            else
            {
                reader.Skip(wireType);
            }
        }

        return schema.Kind switch
        {
            SchemaKind.Quantity => QuantityText(text),
            SchemaKind.IntOrString => numbers[0] == 0 ? JsonValue.Create((long)(int)numbers[1]) : JsonValue.Create(text ?? ""),
            SchemaKind.Time or SchemaKind.MicroTime => Time(numbers[0], (int)numbers[1], schema.Kind),
            SchemaKind.Duration => JsonValue.Create(GoDuration.Format(numbers[0])),
            SchemaKind.SchemaOrArray => nested.Count == 1 ? nested[0] : new JsonArray([.. nested]),
            SchemaKind.SchemaOrBool => nested.Count > 0 ? nested[0] : JsonValue.Create(numbers[0] != 0),
            SchemaKind.SchemaOrStringArray => nested.Count > 0 ? nested[0] : new JsonArray([.. strings.Select(static name => (JsonNode)JsonValue.Create(name))]),
            _ => Embedded(first, depth),
        };
    }

    public static void Encode(JsonNode node, ISchema schema, WireWriter writer)
    {
        switch (schema.Kind)
        {
            case SchemaKind.Quantity:
                writer.TextField(1, Text(node));
                break;
            case SchemaKind.IntOrString:
                EncodeIntOrString(node, writer);
                break;
            case SchemaKind.Time or SchemaKind.MicroTime:
                EncodeTime(node, writer);
                break;
            case SchemaKind.Duration:
                writer.VarintField(1, GoDuration.TryParse(Text(node), out var nanoseconds) ? nanoseconds : 0);
                break;
            case SchemaKind.SchemaOrArray or SchemaKind.SchemaOrBool or SchemaKind.SchemaOrStringArray:
                EncodeUnion(node, (UnionSchema)schema, writer);
                break;
            default:
                writer.BytesField(1, JsonCodec.Encode(node));
                break;
        }
    }

    private static void Collect(ReadOnlySpan<byte> bytes, UnionSchema union, int number, List<string> strings, List<JsonNode> nested, int depth)
    {
        if (union.Kind == SchemaKind.SchemaOrStringArray && number == 2)
        {
            strings.Add(System.Text.Encoding.UTF8.GetString(bytes));
        }
        else
        {
            nested.Add(MessageDecoder.Decode(bytes, (TypeSchema)union.Item!, depth));
        }
    }

    private static JsonValue QuantityText(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return JsonValue.Create("0");
        }

        return Quantity.TryParse(text, out var quantity, out var error) ? JsonValue.Create(quantity.ToString()) : throw new WireException(error!);
    }

    private static JsonValue? Time(long seconds, int nanos, SchemaKind kind)
    {
        if (seconds == 0 && nanos == 0)
        {
            return null;
        }

        if (seconds is < -62135596800 or > 253402300799 || nanos is < 0 or > 999_999_999)
        {
            throw new WireException("time is out of range");
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100);
        return JsonValue.Create(kind == SchemaKind.Time ? ApiTime.Format(time) : ApiTime.FormatMicro(time));
    }

    private static JsonNode? Embedded(ReadOnlySpan<byte> bytes, int depth)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        if (ProtobufCodec.HasEnvelope(bytes))
        {
            return Envelope.DecodeNested(bytes, depth);
        }

        return JsonCodec.TryParse(bytes, out var node, out var error) ? node : throw new WireException(error!);
    }

    private static void EncodeIntOrString(JsonNode node, WireWriter writer)
    {
        if (node.GetValueKind() == JsonValueKind.String)
        {
            writer.TextField(3, Text(node));
            writer.VarintField(1, 1);
        }
        else
        {
            writer.VarintField(2, JsonNumbers.Int64(node) ?? 0);
            writer.VarintField(1, 0);
        }
    }

    private static void EncodeTime(JsonNode node, WireWriter writer)
    {
        if (ApiTime.TryParse(Text(node), out var time))
        {
            writer.VarintField(2, time.Ticks % TimeSpan.TicksPerSecond * 100);
            writer.VarintField(1, time.ToUnixTimeSeconds());
        }
    }

    private static void EncodeUnion(JsonNode node, UnionSchema union, WireWriter writer)
    {
        switch (node)
        {
            case JsonObject schema:
                var before = writer.Length;
                MessageEncoder.Encode(schema, (TypeSchema)union.Item!, writer);
                writer.Head(union.Kind == SchemaKind.SchemaOrBool ? 2 : 1, writer.Length - before);
                _ = union.Kind == SchemaKind.SchemaOrBool && WriteAllows(writer, true);
                break;
            case JsonArray list:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    EncodeUnionItem(list[i]!, union, writer);
                }

                break;
            default:
                WriteAllows(writer, node.GetValueKind() == JsonValueKind.True);
                break;
        }
    }

    private static void EncodeUnionItem(JsonNode item, UnionSchema union, WireWriter writer)
    {
        if (item is JsonObject schema)
        {
            var before = writer.Length;
            MessageEncoder.Encode(schema, (TypeSchema)union.Item!, writer);
            writer.Head(2, writer.Length - before);
        }
        else
        {
            writer.TextField(2, Text(item));
        }
    }

    private static bool WriteAllows(WireWriter writer, bool allows)
    {
        writer.VarintField(1, allows ? 1 : 0);
        return true;
    }

    private static string Text(JsonNode node) => JsonNumbers.Text(node) ?? node.ToJsonString(JsonCodec.NodeOptions);
}
