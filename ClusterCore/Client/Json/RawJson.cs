using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Flotilla.ClusterCore.Client.Json;

/// <summary>A part of an object that passes through unread, kept as its UTF-8 bytes: a pod template, say.</summary>
[JsonConverter(typeof(RawJsonConverter))]
public sealed class RawJson(byte[] utf8)
{
    public ReadOnlyMemory<byte> Utf8 => utf8;

    public static RawJson From(JsonNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(System.Text.Encoding.UTF8.GetBytes(node.ToJsonString()));
    }

    public JsonNode ToNode() => JsonNode.Parse(utf8) ?? new JsonObject();

    public T? Read<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(utf8, type);
}

public sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            document.WriteTo(writer);
        }
        return new(bytes.WrittenSpan.ToArray());
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }
}
