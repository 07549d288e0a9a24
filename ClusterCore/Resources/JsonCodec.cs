using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources;

/// <summary>JSON bytes to object trees and back, typed by schema.</summary>
public static class JsonCodec
{
    /// <summary>Deeper bodies are refused: every walk over a tree recurses, and no real object comes near.</summary>
    public const int MaxDepth = 400;

    /// <summary>For the few messages that show a node as text.</summary>
    internal static readonly JsonSerializerOptions NodeOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth + 10,
        TypeInfoResolver = null,
    };

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = MaxDepth + 10 };

    /// <summary>
    /// Decodes one object. Unknown fields are dropped where the schema does not keep them, of duplicate fields the last one counts,
    /// and both are reported; a value of the wrong type, broken JSON and too deep nesting fail.
    /// </summary>
    /// <param name="schema">Null decodes without a schema.</param>
    public static DecodeResult Decode(ReadOnlySpan<byte> utf8, ISchema? schema) => JsonDecoder.Decode(utf8, schema ?? ScalarSchema.Any);

    /// <summary>
    /// Brings a tree that was patched back into the form of its schema: types checked, values canonical, unknown fields and
    /// empty values gone.
    /// </summary>
    public static DecodeResult Conform(JsonObject obj, ISchema schema) => Decode(Encode(obj), schema);

    /// <summary>Decodes any JSON value without a schema; false with a message when it is not JSON.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonNode? node, out string? error) => JsonDecoder.TryParse(utf8, out node, out error, out _);

    /// <param name="duplicates">Members given twice, of which the last one counts.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonNode? node, out string? error, out IReadOnlyList<string> duplicates) =>
        JsonDecoder.TryParse(utf8, out node, out error, out duplicates);

    /// <summary>The apiVersion and kind of a body, without decoding the rest; empty where they are missing or no texts.</summary>
    public static (string ApiVersion, string Kind) PeekTypeMeta(ReadOnlySpan<byte> utf8) => TypeMetaReader.Read(utf8);

    /// <summary>What Go calls a value that it cannot put somewhere: object, array, string, number, bool or null.</summary>
    public static string KindOf(JsonNode? node) => JsonMessages.KindOf(node);

    public static byte[] Encode(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Encode(node, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Encode(JsonNode node, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, WriterOptions);
        node.WriteTo(writer);
    }

    /// <summary>
    /// The stored form: kind, apiVersion and metadata.resourceVersion come first, the version empty, so that the store can put
    /// the digits of its revision at <c>StampAt</c> and the bytes are served as they are.
    /// </summary>
    public static (byte[] Bytes, int StampAt) EncodeStored(JsonObject obj) => StoredForm.Encode(obj, WriterOptions);
}
