using System.Buffers;
using System.Text.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Json;

/// <summary>One page of a list; its items go straight into the caller's list.</summary>
internal sealed record ListPage(string? ResourceVersion, string? Continue)
{
    public static ListPage Parse<T>(ReadOnlySequence<byte> body, ResourceType<T> type, List<T> items) where T : KubernetesObject
    {
        var page = new ListPage(null, null);
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                ReadItems(ref reader, type, items);
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                page = ReadMetadata(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return page;
    }

    private static void ReadItems<T>(ref Utf8JsonReader reader, ResourceType<T> type, List<T> items) where T : KubernetesObject
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (JsonSerializer.Deserialize(ref reader, type.Json) is { } item)
            {
                // Items of a list leave out what the list itself says.
                item.ApiVersion = type.ApiVersion;
                item.Kind = type.Kind;
                items.Add(item);
            }
        }
    }

    private static ListPage ReadMetadata(ref Utf8JsonReader reader)
    {
        string? resourceVersion = null, next = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("resourceVersion"u8);
            var isContinue = reader.ValueTextEquals("continue"u8);
            reader.Read();
            if (isVersion)
            {
                resourceVersion = reader.GetString();
            }
            else if (isContinue)
            {
                next = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }
        return new(resourceVersion, string.IsNullOrEmpty(next) ? null : next);
    }
}
