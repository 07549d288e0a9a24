using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>Wire bytes to an object tree, by the field numbers of the type.</summary>
internal static class MessageDecoder
{
    public static JsonObject Decode(ReadOnlySpan<byte> message, TypeSchema type, int depth = 0)
    {
        var obj = new JsonObject();
        DecodeInto(obj, message, type, depth);
        foreach (var field in type.AllFields)
        {
            if (obj.TryGetPropertyValue(field.Name, out var value) && ZeroValues.IsOmitted(value, field))
            {
                obj.Remove(field.Name);
            }
        }

        ZeroValues.Complete(obj, type);
        return obj;
    }

    private static void DecodeInto(JsonObject obj, ReadOnlySpan<byte> message, TypeSchema type, int depth)
    {
        if (depth > JsonCodec.MaxDepth)
        {
            throw new WireException("exceeded max depth");
        }

        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (type.WireField(number) is not { } wire)
            {
                reader.Skip(wireType);
            }
            else if (wire.Inlined is { } inlined)
            {
                DecodeInto(obj, reader.Bytes(), inlined, depth + 1);
            }
            else
            {
                DecodeField(obj, ref reader, wireType, wire.Field!, depth);
            }
        }
    }

    private static void DecodeField(JsonObject obj, ref WireReader reader, WireType wireType, FieldSchema field, int depth)
    {
        switch (field.Value)
        {
            case ListSchema { Wrapped: false } list:
                Items(obj, field.Name, ref reader, wireType, list.Item!, depth);
                break;
            case MapSchema map:
                Entry(Child(obj, field.Name, static () => new JsonObject()), reader.Bytes(), map.Item!, depth);
                break;
            default:
                obj[field.Name] = Value(ref reader, wireType, field.Value, depth);
                break;
        }
    }

    private static T Child<T>(JsonObject obj, string name, Func<T> create)
        where T : JsonNode
    {
        if (obj[name] is not T child)
        {
            obj[name] = child = create();
        }

        return child;
    }

    private static void Items(JsonObject obj, string name, ref WireReader reader, WireType wireType, ISchema item, int depth)
    {
        var list = Child(obj, name, static () => new JsonArray());
        if (wireType == WireType.Bytes && item.Kind is SchemaKind.Int32 or SchemaKind.Int64 or SchemaKind.Boolean or SchemaKind.Double)
        {
            var packed = new WireReader(reader.Bytes());
            while (!packed.IsAtEnd)
            {
                list.Add(Value(ref packed, item.Kind == SchemaKind.Double ? WireType.Fixed64 : WireType.Varint, item, depth));
            }
        }
        else
        {
            list.Add(Value(ref reader, wireType, item, depth));
        }
    }

    private static void Entry(JsonObject map, ReadOnlySpan<byte> entry, ISchema valueSchema, int depth)
    {
        var reader = new WireReader(entry);
        var key = "";
        JsonNode? value = null;
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.Tag();
            switch (number)
            {
                case 1:
                    key = reader.Text();
                    break;
                case 2:
                    value = Value(ref reader, wireType, valueSchema, depth);
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        map[key] = value ?? EmptyValue(valueSchema);
    }

    /// <summary>A map entry without a value has the zero of its type.</summary>
    private static JsonNode? EmptyValue(ISchema schema) => schema.Kind switch
    {
        SchemaKind.String or SchemaKind.Bytes => JsonValue.Create(""),
        SchemaKind.Quantity => JsonValue.Create("0"),
        SchemaKind.Object => new JsonObject(),
        SchemaKind.List => new JsonArray(),
        _ => null,
    };

    private static JsonNode? Value(ref WireReader reader, WireType wireType, ISchema schema, int depth)
    {
        var expected = schema.Kind switch
        {
            SchemaKind.Boolean or SchemaKind.Int32 or SchemaKind.Int64 => WireType.Varint,
            SchemaKind.Double => WireType.Fixed64,
            _ => WireType.Bytes,
        };
        if (wireType != expected)
        {
            throw new WireException($"wrong wireType = {(int)wireType}");
        }

        return schema.Kind switch
        {
            SchemaKind.String => JsonValue.Create(reader.Text()),
            SchemaKind.Boolean => JsonValue.Create(reader.Varint() != 0),
            SchemaKind.Int32 => JsonValue.Create((long)(int)reader.Varint()),
            SchemaKind.Int64 => JsonValue.Create((long)reader.Varint()),
            SchemaKind.Double => JsonValue.Create(reader.Double()),
            SchemaKind.Bytes => JsonValue.Create(Convert.ToBase64String(reader.Bytes())),
            SchemaKind.Object when schema is TypeSchema type => Decode(reader.Bytes(), type, depth + 1),
            SchemaKind.List => WrappedList(reader.Bytes()),
            _ => SpecialMessages.Decode(reader.Bytes(), schema, depth + 1),
        };
    }

    private static JsonArray WrappedList(ReadOnlySpan<byte> message)
    {
        var list = new JsonArray();
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (number == 1 && wireType == WireType.Bytes)
            {
                list.Add((JsonNode)Encoding.UTF8.GetString(reader.Bytes()));
            }
            else
            {
                reader.Skip(wireType);
            }
        }

        return list;
    }
}
