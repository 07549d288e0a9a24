using System.Threading.Channels;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>A change on its way to one watcher. <c>Event</c> null: a bookmark at the revision.</summary>
internal readonly record struct WatchItem(CacheEvent? Event, WatchEventType Type, long Revision);

/// <summary>
/// One watch's bounded queue between the feed and its connection. A watcher that does not keep up is cut off: the client
/// comes back with its last resourceVersion and loses nothing.
/// </summary>
internal sealed class Watcher : IDisposable
{
    private const int Capacity = 16384;

    /// <summary>What waits may hold on to this much: a few changes of large objects are as many as thousands of small ones.</summary>
    private const long MostBytes = 32 * 1024 * 1024;

    private readonly Channel<WatchItem> queue = Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
        SingleWriter = false,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private readonly Selection selection;
    private readonly Action<Watcher> onDispose;
    private Action? onEvicted;
    private long waiting;
    private volatile bool isEvicted;

    public Watcher(Selection selection, bool wantsBookmarks, Action<Watcher> onDispose)
    {
        this.selection = selection;
        this.onDispose = onDispose;
        WantsBookmarks = wantsBookmarks;
        Items = new Reader(this);
    }

    public ChannelReader<WatchItem> Items { get; }

    public bool WantsBookmarks { get; }

    /// <summary>It was cut off because it did not keep up.</summary>
    public bool IsEvicted => isEvicted;

    /// <summary>Called once when the watcher is cut off, at once if it was already: who waits for its client does not look here.</summary>
    public void WhenEvicted(Action evicted)
    {
        onEvicted = evicted;
        if (isEvicted) { evicted(); }
    }

    public void Offer(CacheEvent change)
    {
        if (isEvicted || change.SeenBy(selection) is not { } type) { return; }
        var fits = Interlocked.Add(ref waiting, change.Bytes) <= MostBytes || queue.Reader.Count == 0;
        if (fits && queue.Writer.TryWrite(new(change, type, change.Revision))) { return; }
        isEvicted = true;
        Stop();
        onEvicted?.Invoke();
    }

    /// <summary>A full queue needs no bookmark: there is news in it.</summary>
    public void OfferBookmark(long revision) => _ = queue.Writer.TryWrite(new(null, WatchEventType.Bookmark, revision));

    public void Stop() => queue.Writer.TryComplete();

    public void Dispose()
    {
        Stop();
        onDispose(this);
    }

    /// <summary>Gives back the room of what is taken.</summary>
    private sealed class Reader(Watcher watcher) : ChannelReader<WatchItem>
    {
        public override Task Completion => watcher.queue.Reader.Completion;

        public override bool TryRead(out WatchItem item)
        {
            if (!watcher.queue.Reader.TryRead(out item)) { return false; }
            if (item.Event is { } taken) { Interlocked.Add(ref watcher.waiting, -taken.Bytes); }
            return true;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => watcher.queue.Reader.WaitToReadAsync(cancellationToken);
    }
}
