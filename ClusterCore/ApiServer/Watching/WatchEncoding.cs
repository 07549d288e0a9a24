using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>One line of JSON per event, or one length-prefixed protobuf message.</summary>
internal sealed class WatchEncoding(Scope scope, MediaType type, ObjectAnswer answers) : IWatchEncoding, IEquatable<WatchEncoding>
{
    private readonly (ResourceInfo Resource, MediaType Type) identity = (scope.Resource, type);

    private bool hasColumns;

    /// <summary>Tables differ by what their watcher asked for; everything else is the same for all.</summary>
    public bool IsShared => type.As.Length == 0;

    public byte[] Encode(WatchEventType eventType, ReadOnlyMemory<byte> storedObject)
    {
        var shown = answers.Object(scope, storedObject, type, withColumns: !hasColumns);
        // The columns of a table are the same all the time: the first event has them.
        hasColumns = true;
        return Frame(Word(eventType), shown);
    }

    public byte[] EncodeBookmark(long revision, bool initialEventsEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString() };
        if (initialEventsEnd) { metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" }; }
        var bookmark = new JsonObject { ["kind"] = scope.Resource.Kind, ["apiVersion"] = scope.Resource.ApiVersion, ["metadata"] = metadata };
        var shown = type.As switch
        {
            "Table" => TableBookmark(metadata),
            "PartialObjectMetadata" => PartialMetadata.One(bookmark),
            _ => bookmark,
        };
        return Frame("BOOKMARK", ObjectAnswer.Encode(shown, type.Encoding));
    }

    public byte[] EncodeError(byte[] statusJson) =>
        Frame("ERROR", type.Encoding == Encoding.Json ? statusJson : ObjectAnswer.Encode(JsonNode.Parse(statusJson)!.AsObject(), type.Encoding));

    public bool Equals(WatchEncoding? other) => other is not null && identity.Equals(other.identity);

    public override bool Equals(object? obj) => Equals(obj as WatchEncoding);

    public override int GetHashCode() => identity.GetHashCode();

    private static string Word(WatchEventType eventType) => eventType switch
    {
        WatchEventType.Added => "ADDED",
        WatchEventType.Modified => "MODIFIED",
        WatchEventType.Deleted => "DELETED",
        _ => "BOOKMARK",
    };

    private static JsonObject TableBookmark(JsonObject metadata) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = new JsonObject { ["resourceVersion"] = metadata["resourceVersion"]!.DeepClone() },
        ["columnDefinitions"] = null,
        ["rows"] = new JsonArray(new JsonObject
        {
            ["cells"] = new JsonArray(),
            ["object"] = PartialMetadata.One(new JsonObject { ["metadata"] = metadata.DeepClone() }),
        }),
    };

    private byte[] Frame(string word, ReadOnlySpan<byte> body) =>
        type.Encoding == Encoding.Protobuf
            ? ProtobufCodec.EncodeWatchFrame(word, body)
            : [.. "{\"type\":\""u8, .. System.Text.Encoding.ASCII.GetBytes(word), .. "\",\"object\":"u8, .. body, .. "}\n"u8];
}
