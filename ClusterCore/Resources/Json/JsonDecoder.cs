using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>One pass over the bytes: builds the tree, checks it against the schema, writes values as Kubernetes would.</summary>
internal ref struct JsonDecoder
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonCodec.MaxDepth };

    private readonly JsonPath path;
    private readonly List<string> fieldErrors;
    private Utf8JsonReader reader;

    /// <summary>The struct that holds the value being read: type errors name it.</summary>
    private TypeSchema? owner;

    private JsonDecoder(ReadOnlySpan<byte> utf8)
    {
        reader = new(utf8, Options);
        (path, fieldErrors) = (new(), []);
    }

    public static DecodeResult Decode(ReadOnlySpan<byte> utf8, ISchema schema)
    {
        var decoder = new JsonDecoder(utf8);
        try
        {
            decoder.Next();
            if (decoder.reader.TokenType != JsonTokenType.StartObject)
            {
                return DecodeResult.Failed($"json: cannot unmarshal {ValueName(decoder.reader.TokenType)} into Go value of type {GoTypes.Name(schema)}");
            }

            var obj = decoder.ReadObject(schema, isRoot: true);
            decoder.ExpectEnd();
            return new(obj, null, decoder.fieldErrors);
        }
        catch (JsonException broken)
        {
            return DecodeResult.Failed(JsonMessages.Describe(broken, utf8));
        }
        catch (InvalidOperationException invalidText)
        {
            // Utf8JsonReader says so of texts that are not UTF-8 or hold half a surrogate pair.
            return DecodeResult.Failed($"invalid text: {invalidText.Message}");
        }
        catch (MistypedException mistyped)
        {
            return DecodeResult.Failed(mistyped.Message);
        }
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonNode? node, out string? error, out IReadOnlyList<string> duplicates)
    {
        (node, error) = (null, null);
        var decoder = new JsonDecoder(utf8);
        duplicates = decoder.fieldErrors;
        try
        {
            decoder.Next();
            node = decoder.ReadAny();
            decoder.ExpectEnd();
            return true;
        }
        catch (JsonException broken)
        {
            error = JsonMessages.Describe(broken, utf8);
        }
        catch (InvalidOperationException invalidText)
        {
            error = $"invalid text: {invalidText.Message}";
        }

        return false;
    }

    private void Next()
    {
        if (!reader.Read())
        {
            throw new JsonException("unexpected end of JSON input");
        }
    }

    private void ExpectEnd()
    {
        if (reader.Read())
        {
            throw new JsonException("invalid character after top-level value");
        }
    }

    private JsonNode? ReadValue(ISchema schema)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        switch (schema.Kind)
        {
            case SchemaKind.Object:
            case SchemaKind.Map:
                return reader.TokenType == JsonTokenType.StartObject ? ReadObject(schema, isRoot: false) : throw Mistyped(schema);
            case SchemaKind.List:
                return reader.TokenType == JsonTokenType.StartArray ? ReadList(schema) : throw Mistyped(schema);
            case SchemaKind.Any:
            case SchemaKind.FieldsV1:
                return ReadAny();
            case SchemaKind.SchemaOrArray or SchemaKind.SchemaOrBool or SchemaKind.SchemaOrStringArray:
                return ReadUnion(schema);
            default:
                return ScalarReader.Read(ref reader, schema.Kind, out var error)
                    ?? throw (error is null ? Mistyped(schema) : new MistypedException(error));
        }
    }

    private JsonObject ReadObject(ISchema schema, bool isRoot)
    {
        var obj = new JsonObject();
        var type = schema as TypeSchema;
        var outer = owner;
        owner = type ?? owner;
        while (true)
        {
            Next();
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                break;
            }

            ReadMember(obj, schema, type, isRoot);
        }

        if (type is not null)
        {
            ZeroValues.Complete(obj, type);
        }

        owner = outer;
        return obj;
    }

    private void ReadMember(JsonObject obj, ISchema schema, TypeSchema? type, bool isRoot)
    {
        var (name, field) = ReadName(schema);
        if (field is null && isRoot)
        {
            field = name switch { "kind" => TypeMeta.Kind, "apiVersion" => TypeMeta.ApiVersion, _ => null };
        }

        Next();
        var value = field?.Value ?? (schema.Kind == SchemaKind.Map ? schema.Item : null);
        if (schema.Kind == SchemaKind.Map)
        {
            path.PushKey(name);
        }
        else
        {
            path.Push(name);
        }

        if (value is null && !schema.PreservesUnknownFields)
        {
            fieldErrors.Add($"unknown field \"{path}\"");
            reader.Skip();
        }
        else
        {
            var node = value is null ? ReadAny() : ReadValue(value);
            if (schema is MapSchema) { node ??= ZeroValues.OfItem(schema.Item!); }
            Put(obj, name, node, type, field);
        }

        path.Pop();
    }

    private void Put(JsonObject obj, string name, JsonNode? node, TypeSchema? type, FieldSchema? field)
    {
        if (obj.ContainsKey(name))
        {
            fieldErrors.Add($"duplicate field \"{path}\"");
            obj.Remove(name);
        }

        // Go forgets nulls and empty values of fields it would not write; custom resources keep what they were given.
        if (type is null || field is null || !ZeroValues.IsOmitted(node, field))
        {
            obj.Add(name, node);
        }
    }

    private (string Name, FieldSchema? Field) ReadName(ISchema schema)
    {
        Span<char> characters = stackalloc char[128];
        if (reader.ValueSpan.Length > characters.Length)
        {
            var longName = reader.GetString()!;
            return (longName, schema.Field(longName));
        }

        ReadOnlySpan<char> name = characters[..reader.CopyString(characters)];
        var field = schema.Field(name);
        return (field?.Name ?? name.ToString(), field);
    }

    private JsonArray ReadList(ISchema schema)
    {
        var list = new JsonArray();
        for (var index = 0; ; index++)
        {
            Next();
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return list;
            }

            path.Push(index);
            list.Add(ReadValue(schema.Item!) ?? (schema is ListSchema ? ZeroValues.OfItem(schema.Item!) : null));
            path.Pop();
        }
    }

    private JsonNode? ReadUnion(ISchema schema) => (schema.Kind, reader.TokenType) switch
    {
        (SchemaKind.SchemaOrBool, JsonTokenType.True or JsonTokenType.False) => ReadAny(),
        (_, JsonTokenType.StartObject) => ReadObject(schema.Item!, isRoot: false),
        (SchemaKind.SchemaOrArray, JsonTokenType.StartArray) => ReadList(new ListSchema(schema.Item!, ListType.Atomic, [])),
        (SchemaKind.SchemaOrStringArray, JsonTokenType.StartArray) => ReadList(new ListSchema(ScalarSchema.Text, ListType.Atomic, [])),
        _ => throw Mistyped(schema),
    };

    private JsonNode? ReadAny()
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ScalarSchema.Any, isRoot: false);
            case JsonTokenType.StartArray:
                return ReadList(ListOfAny);
            default:
                return ScalarReader.ReadAny(ref reader);
        }
    }

    private static readonly ListSchema ListOfAny = new(ScalarSchema.Any, ListType.Atomic, []);

    private readonly MistypedException Mistyped(ISchema schema)
    {
        var value = reader.TokenType == JsonTokenType.Number && schema.Kind is SchemaKind.Int32 or SchemaKind.Int64 or SchemaKind.IntOrString
            ? $"number {System.Text.Encoding.UTF8.GetString(reader.ValueSpan)}"
            : ValueName(reader.TokenType);
        var at = owner is null ? "Go value" : $"Go struct field {GoTypes.ShortName(owner)}.{path.FieldsOnly()}";
        return new($"json: cannot unmarshal {value} into {at} of type {GoTypes.Name(schema)}");
    }

    private static string ValueName(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.True or JsonTokenType.False => "bool",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "string",
    };
}

/// <summary>A value of a type its schema does not have: leaves the recursion of one decode, never the decoder.</summary>
internal sealed class MistypedException(string message) : Exception(message);
