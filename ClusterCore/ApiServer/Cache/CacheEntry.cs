using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// One object as stored: its bytes are what readers get. Labels and field values are read off them when a selector first asks,
/// and kept.
/// </summary>
internal sealed class CacheEntry(StoreKey key, ReadOnlyMemory<byte> value, long revision)
{
    private ObjectIndex? index;

    public string Namespace => key.Namespace;

    public string Name => key.Name;

    public string Order { get; } = key.Order;

    public ReadOnlyMemory<byte> Value => value;

    public long Revision => revision;

    public ObjectIndex Index => index ??= ObjectIndex.Read(value);

    public JsonObject Parse() => JsonNode.Parse(value.Span)!.AsObject();

    public JsonDocument ParseDocument() => JsonDocument.Parse(value);

    /// <summary>The object with another resourceVersion: what a DELETED event carries.</summary>
    public byte[] ValueAt(long otherRevision) => ResourceVersionStamp.Replace(value.Span, otherRevision);
}
