using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Json;

/// <summary>One line of a watch: <c>{"type":"ADDED","object":{…}}</c>, read without a tree in between.</summary>
internal static class WatchLine
{
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    /// <summary>Null for an empty line and for event types that are not known.</summary>
    public static WatchEvent<T>? Parse<T>(ReadOnlySequence<byte> line, JsonTypeInfo<T> json) where T : KubernetesObject
    {
        if (line.IsEmpty || TypeOf(line) is not { } type)
        {
            return null;
        }
        var reader = new Utf8JsonReader(line);
        if (!Seek(ref reader, "object"u8))
        {
            throw new JsonException("a watch event has no object");
        }
        return type == WatchEventType.Error
            ? new(type, null, JsonSerializer.Deserialize(ref reader, ObjectJson.Default.ApiStatus))
            : new(type, JsonSerializer.Deserialize(ref reader, json));
    }

    private static WatchEventType? TypeOf(ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        if (!Seek(ref reader, "type"u8))
        {
            return null;
        }
        return reader.ValueTextEquals("ADDED"u8) ? WatchEventType.Added
            : reader.ValueTextEquals("MODIFIED"u8) ? WatchEventType.Modified
            : reader.ValueTextEquals("DELETED"u8) ? WatchEventType.Deleted
            : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventType.Bookmark
            : reader.ValueTextEquals("ERROR"u8) ? WatchEventType.Error
            : null;
    }

    /// <summary>Moves to the value of a property of the outermost object.</summary>
    private static bool Seek(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(property);
            reader.Read();
            if (found)
            {
                return true;
            }
            reader.Skip();
        }
        return false;
    }
}
