namespace Flotilla.ClusterCore.ApiServer.Cache;

internal enum WatchEventType { Added, Modified, Deleted, Bookmark }

/// <summary>
/// One change of one object. Its wire form is encoded once per media type and shared by every watcher that wants it.
/// </summary>
/// <param name="Current">Null when the object is gone.</param>
/// <param name="Previous">Null when it was not there.</param>
internal sealed record CacheEvent(long Revision, CacheEntry? Current, CacheEntry? Previous)
{
    /// <summary>This object, its entry and the entry's strings.</summary>
    private const int Overhead = 300;
    private readonly Lock gate = new();
    private List<(IWatchEncoding Encoding, WatchEventType Type, byte[] Frame)>? frames;

    public DateTimeOffset At { get; init; }

    /// <summary>Memory that ends with this change, about: what it replaced belongs to the change before it.</summary>
    public long Bytes => Overhead + ((Current ?? Previous)?.Value.Length ?? 0);

    /// <summary>
    /// The change as one watcher sees it: added at first sight, or because it made the object match a selector; null when it
    /// does not concern the watcher.
    /// </summary>
    public WatchEventType? SeenBy(Selection selection)
    {
        var now = Current is not null && selection.Matches(Current);
        var before = Previous is not null && selection.Matches(Previous);
        return (before, now) switch
        {
            (false, true) => WatchEventType.Added,
            (true, true) => WatchEventType.Modified,
            (true, false) => WatchEventType.Deleted,
            _ => null,
        };
    }

    /// <summary>The object's bytes for the event: a DELETED one is the last that matched, at the revision it left.</summary>
    public ReadOnlyMemory<byte> ObjectFor(WatchEventType type) =>
        type == WatchEventType.Deleted ? Previous!.ValueAt(Revision) : Current!.Value;

    public byte[] Frame(IWatchEncoding encoding, WatchEventType type)
    {
        lock (gate)
        {
            foreach (var known in frames ??= [])
            {
                if (known.Type == type && known.Encoding.Equals(encoding)) { return known.Frame; }
            }

            var frame = encoding.Encode(type, ObjectFor(type));
            if (encoding.IsShared) { frames.Add((encoding, type, frame)); }
            return frame;
        }
    }

    public void ForgetFrames()
    {
        lock (gate) { frames = null; }
    }
}

/// <summary>How events are put on the wire for one media type. Equal encodings give equal bytes.</summary>
internal interface IWatchEncoding
{
    /// <summary>Whether other watchers are likely to want the same bytes.</summary>
    bool IsShared { get; }

    byte[] Encode(WatchEventType type, ReadOnlyMemory<byte> storedObject);

    byte[] EncodeBookmark(long revision, bool initialEventsEnd);

    byte[] EncodeError(byte[] statusJson);
}
