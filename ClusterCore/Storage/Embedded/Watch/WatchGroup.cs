namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>
/// The newest batches for one range. Watchers read at their own pace by position; one that falls behind the ring goes back
/// to the history, so that a stuck watcher costs nothing.
/// </summary>
/// <remarks>
/// Watchers are woken by the row, each row one after the other on one thread. What comes while rows are under way is held
/// and becomes one batch: the more watchers there are, the fewer times each is woken.
/// </remarks>
internal sealed class WatchGroup(WatchGroupKey key)
{
    private const int MaxRing = 256;
    private const int RowLength = 128;

    /// <summary>A watcher that does not return holds up its row, and the others for so many batches at most.</summary>
    private const int MaxHeld = 64;
    private readonly Lock gate = new();
    private readonly List<WatchBatch> held = [];
    private WatchBatch[] ring = new WatchBatch[8];
    private long end;
    private List<Watcher> waiting = [];
    private List<Watcher>? spare;
    private int rows;

    public WatchGroupKey Key { get; } = key;

    public KeyRange Range { get; } = new(key.Start, key.End);

    /// <summary>How many watchers hold on to this group; guarded by the hub.</summary>
    public int Members { get; set; }

    public long End
    {
        get
        {
            lock (gate)
            {
                return end;
            }
        }
    }

    /// <summary>Puts a batch where the watchers find it, and wakes those that wait.</summary>
    public void Deliver(WatchBatch batch)
    {
        lock (gate)
        {
            held.Add(batch);
            if (rows == 0 || held.Count > MaxHeld)
            {
                Publish();
            }
        }
    }

    /// <summary>Copies what came since <paramref name="position"/>, and moves it.</summary>
    /// <returns>How many; 0 there is nothing new, -1 the position has been overwritten.</returns>
    public int Take(ref long position, WatchBatch[] batches)
    {
        if (Volatile.Read(ref end) == position)
        {
            return 0;
        }

        lock (gate)
        {
            if (end - position > ring.Length)
            {
                return -1;
            }

            var count = (int)Math.Min(end - position, batches.Length);
            for (var i = 0; i < count; i++)
            {
                batches[i] = ring[position++ % ring.Length];
            }

            return count;
        }
    }

    public void StopWaiting(Watcher watcher)
    {
        lock (gate)
        {
            _ = waiting.Remove(watcher);
        }
    }

    /// <returns>False when there is already something to take.</returns>
    public bool TryWait(Watcher watcher, long position)
    {
        lock (gate)
        {
            if (position != end)
            {
                return false;
            }

            waiting.Add(watcher);
            return true;
        }
    }

    private void Publish()
    {
        if (end == ring.Length && ring.Length < MaxRing)
        {
            // The positions are still below the length, so that growing keeps every place.
            Array.Resize(ref ring, ring.Length * 2);
        }

        ring[end % ring.Length] = held.Count == 1 ? held[0] : new(held[^1].Revision, [.. held.SelectMany(static batch => batch.Events)]);
        Volatile.Write(ref end, end + 1);
        held.Clear();
        if (waiting.Count > 0)
        {
            (var woken, waiting) = (waiting, spare ?? []);
            spare = null;
            for (var first = 0; first < woken.Count; first += RowLength)
            {
                rows++;
                _ = ThreadPool.UnsafeQueueUserWorkItem(new Row(this, woken, first), preferLocal: false);
            }
        }
    }

    private void OnRowDone(List<Watcher> woken)
    {
        lock (gate)
        {
            if (--rows > 0)
            {
                return;
            }

            woken.Clear();
            spare = woken;
            if (held.Count > 0)
            {
                Publish();
            }
        }
    }

    private sealed class Row(WatchGroup group, List<Watcher> watchers, int first) : IThreadPoolWorkItem
    {
        void IThreadPoolWorkItem.Execute()
        {
            for (var i = first; i < Math.Min(first + RowLength, watchers.Count); i++)
            {
                watchers[i].Wake(inline: true);
            }

            group.OnRowDone(watchers);
        }
    }
}
