using System.Threading.Tasks.Sources;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>A change on its way to one watcher. <c>Event</c> null: a bookmark at the revision.</summary>
internal readonly record struct WatchItem(CacheEvent? Event, WatchEventType Type, long Revision);

/// <summary>
/// One watch's bounded queue between the feed and its connection, for one reader. A watcher that does not keep up is cut off:
/// the client comes back with its last resourceVersion and loses nothing.
/// </summary>
/// <remarks>
/// A change often concerns hundreds of watchers that wait, so to wait allocates nothing, and who offers does not wake: it gets
/// the watcher back and wakes many of them together (<see cref="WatcherRow"/>).
/// </remarks>
internal sealed class Watcher(Selection selection, bool wantsBookmarks, Action<Watcher> onDispose) : IValueTaskSource<bool>, IDisposable
{
    private const int Capacity = 16384;

    /// <summary>What waits may hold on to this much: a few changes of large objects are as many as thousands of small ones.</summary>
    private const long MostBytes = 32 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<WatchItem> queue = new();
    private ManualResetValueTaskSourceCore<bool> wait;
    private CancellationTokenRegistration stopping;
    private Action? onEvicted;
    private long queuedBytes;
    private bool isWaiting;
    private bool isStopped;
    private volatile bool isEvicted;

    public bool WantsBookmarks { get; } = wantsBookmarks;

    /// <summary>It was cut off because it did not keep up.</summary>
    public bool IsEvicted => isEvicted;

    /// <summary>Called once when the watcher is cut off, at once if it was already: who waits for its client does not look here.</summary>
    public void WhenEvicted(Action evicted)
    {
        onEvicted = evicted;
        if (isEvicted) { evicted(); }
    }

    /// <summary>Ends the wait when the token is cancelled; until then, and for what is queued already, it changes nothing.</summary>
    public void StopWith(CancellationToken cancellationToken) =>
        stopping = cancellationToken.UnsafeRegister(static watcher => ((Watcher)watcher!).Stop(), this);

    /// <returns>True when the reader waits and is now to be woken by the caller.</returns>
    public bool Offer(CacheEvent change)
    {
        if (isEvicted || change.SeenBy(selection) is not { } type) { return false; }
        lock (gate)
        {
            if (isStopped) { return false; }
            if (queue.Count < Capacity && (queuedBytes + change.Bytes <= MostBytes || queue.Count == 0))
            {
                queuedBytes += change.Bytes;
                queue.Enqueue(new(change, type, change.Revision));
                return TakeWaiting();
            }
        }

        isEvicted = true;
        Stop();
        onEvicted?.Invoke();
        return false;
    }

    /// <summary>A full queue needs no bookmark: there is news in it.</summary>
    /// <returns>True when the reader waits and is now to be woken by the caller.</returns>
    public bool OfferBookmark(long revision)
    {
        lock (gate)
        {
            if (isStopped || queue.Count >= Capacity) { return false; }
            queue.Enqueue(new(null, WatchEventType.Bookmark, revision));
            return TakeWaiting();
        }
    }

    /// <summary>Waits for something to take.</summary>
    /// <returns>False when there is nothing left and nothing will come.</returns>
    public ValueTask<bool> WaitAsync()
    {
        lock (gate)
        {
            if (queue.Count > 0) { return new(true); }
            if (isStopped) { return new(false); }
            wait.Reset();
            isWaiting = true;
            return new(this, wait.Version);
        }
    }

    public bool TryTake(out WatchItem item)
    {
        lock (gate)
        {
            if (!queue.TryDequeue(out item)) { return false; }
            queuedBytes -= item.Event?.Bytes ?? 0;
            return true;
        }
    }

    /// <summary>The reader goes on at once, on this thread, until it waits again. Only for whom an offer said so.</summary>
    public void Wake() => wait.SetResult(true);

    /// <summary>Takes nothing more in; what is queued can still be taken.</summary>
    public void Stop()
    {
        lock (gate)
        {
            isStopped = true;
            if (!TakeWaiting()) { return; }
        }

        _ = ThreadPool.UnsafeQueueUserWorkItem(static watcher => watcher.wait.SetResult(false), this, preferLocal: false);
    }

    public void Dispose()
    {
        stopping.Dispose();
        Stop();
        onDispose(this);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        wait.OnCompleted(continuation, state, token, flags);

    private bool TakeWaiting()
    {
        var was = isWaiting;
        isWaiting = false;
        return was;
    }
}
