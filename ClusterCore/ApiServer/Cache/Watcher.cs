using System.Threading.Channels;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>A change on its way to one watcher. <c>Event</c> null: a bookmark at the revision.</summary>
internal readonly record struct WatchItem(CacheEvent? Event, WatchEventType Type, long Revision);

/// <summary>
/// One watch's bounded queue between the feed and its connection. A watcher that does not keep up is cut off: the client
/// comes back with its last resourceVersion and loses nothing.
/// </summary>
internal sealed class Watcher(Selection selection, bool wantsBookmarks, Action<Watcher> onDispose) : IDisposable
{
    private const int Capacity = 16384;

    private readonly Channel<WatchItem> queue = Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
        SingleWriter = false,
        FullMode = BoundedChannelFullMode.Wait,
    });

    public ChannelReader<WatchItem> Items => queue.Reader;

    public bool WantsBookmarks => wantsBookmarks;

    /// <summary>It was cut off because it did not keep up.</summary>
    public bool IsEvicted { get; private set; }

    public void Offer(CacheEvent change)
    {
        if (change.SeenBy(selection) is not { } type) { return; }
        if (queue.Writer.TryWrite(new(change, type, change.Revision))) { return; }
        IsEvicted = true;
        Stop();
    }

    /// <summary>A full queue needs no bookmark: there is news in it.</summary>
    public void OfferBookmark(long revision) => _ = queue.Writer.TryWrite(new(null, WatchEventType.Bookmark, revision));

    public void Stop() => queue.Writer.TryComplete();

    public void Dispose()
    {
        Stop();
        onDispose(this);
    }
}
