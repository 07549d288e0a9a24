using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary><c>{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"", …</c></summary>
internal static class StoredForm
{
    private static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    private static readonly JsonEncodedText ApiVersion = JsonEncodedText.Encode("apiVersion");
    private static readonly JsonEncodedText Metadata = JsonEncodedText.Encode("metadata");
    private static readonly JsonEncodedText ResourceVersion = JsonEncodedText.Encode("resourceVersion");

    public static (byte[] Bytes, int StampAt) Encode(JsonObject obj, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(buffer, options);
        writer.WriteStartObject();
        writer.WriteString(Kind, Text(obj["kind"]));
        writer.WriteString(ApiVersion, Text(obj["apiVersion"]));
        writer.WriteStartObject(Metadata);
        writer.WriteString(ResourceVersion, default(ReadOnlySpan<byte>));
        var stampAt = (int)(writer.BytesCommitted + writer.BytesPending) - 1;
        if (obj["metadata"] is JsonObject metadata)
        {
            WriteMembers(metadata, writer, static name => name is "resourceVersion");
        }

        writer.WriteEndObject();
        WriteMembers(obj, writer, static name => name is "kind" or "apiVersion" or "metadata");
        writer.WriteEndObject();
        writer.Flush();
        return (buffer.WrittenSpan.ToArray(), stampAt);
    }

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "";

    private static void WriteMembers(JsonObject obj, Utf8JsonWriter writer, Func<string, bool> skip)
    {
        foreach (var (name, value) in obj)
        {
            if (skip(name))
            {
                continue;
            }

            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }
    }
}
