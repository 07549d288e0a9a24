namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>
/// The newest batches for one range. Watchers read at their own pace by position; one that falls behind the ring goes back
/// to the history, so that a stuck watcher costs nothing.
/// </summary>
/// <remarks>
/// Watchers are woken by the row, each row one after the other on one thread. What comes while rows are under way is held
/// and becomes one batch: the more watchers there are, the fewer times each is woken. Being woken, reading and waiting again
/// take no lock: a watcher keeps its place among the members, and every row looks who of them waits.
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
    private Watcher?[] members = new Watcher?[4];
    private readonly Stack<int> vacant = [];
    private int places;
    private int rows;

    public WatchGroupKey Key { get; } = key;

    public KeyRange Range { get; } = new(key.Start, key.End);

    public bool IsEmpty
    {
        get
        {
            lock (gate)
            {
                return vacant.Count == places;
            }
        }
    }

    /// <summary>The position of the next batch.</summary>
    public long End => Volatile.Read(ref end);

    /// <returns>The position from which on the watcher hears of everything.</returns>
    public long Join(Watcher watcher)
    {
        lock (gate)
        {
            watcher.Place = vacant.TryPop(out var place) ? place : places++;
            if (watcher.Place == members.Length)
            {
                Array.Resize(ref members, members.Length * 2);
            }

            members[watcher.Place] = watcher;
            return end;
        }
    }

    public void Leave(Watcher watcher)
    {
        lock (gate)
        {
            members[watcher.Place] = null;
            vacant.Push(watcher.Place);
        }
    }

    /// <summary>Puts a batch where the watchers find it.</summary>
    /// <param name="awake">Gets what wakes those that wait, for the caller to run or to hand to the thread pool.</param>
    public void Deliver(WatchBatch batch, List<IThreadPoolWorkItem> awake)
    {
        lock (gate)
        {
            held.Add(batch);
            if (rows == 0 || held.Count > MaxHeld)
            {
                Publish(awake);
            }
        }
    }

    /// <summary>Reads the batch at a position.</summary>
    public WatchTake Take(long position, out WatchBatch? batch)
    {
        batch = null;
        if (Volatile.Read(ref end) == position)
        {
            return WatchTake.Nothing;
        }

        var batches = Volatile.Read(ref ring);
        batch = Volatile.Read(ref batches[position % batches.Length]);

        // A place is written anew before the end moves on: one that is about to be is no longer to be trusted.
        return Volatile.Read(ref end) - position < batches.Length ? WatchTake.Batch : WatchTake.Overwritten;
    }

    private void Publish(List<IThreadPoolWorkItem> awake)
    {
        if (end == ring.Length && ring.Length < MaxRing)
        {
            // The positions are still below the length, so that growing keeps every place.
            Array.Resize(ref ring, ring.Length * 2);
        }

        var batch = held.Count == 1 ? held[0] : new(held[^1].Revision, [.. held.SelectMany(static batch => batch.Events)]);
        Volatile.Write(ref ring[end % ring.Length], batch);
        Volatile.Write(ref end, end + 1);
        held.Clear();
        for (var first = 0; first < places; first += RowLength)
        {
            rows++;
            awake.Add(new Row(this, members, first));
        }
    }

    private void OnRowDone()
    {
        List<IThreadPoolWorkItem>? awake = null;
        lock (gate)
        {
            if (--rows == 0 && held.Count > 0)
            {
                Publish(awake = []);
            }
        }

        awake?.ForEach(static row => ThreadPool.UnsafeQueueUserWorkItem(row, preferLocal: false));
    }

    private sealed class Row(WatchGroup group, Watcher?[] members, int first) : IThreadPoolWorkItem
    {
        void IThreadPoolWorkItem.Execute()
        {
            foreach (var watcher in members.AsSpan(first, Math.Min(RowLength, members.Length - first)))
            {
                watcher?.Wake(inline: true);
            }

            group.OnRowDone();
        }
    }
}

internal enum WatchTake
{
    Batch,

    /// <summary>There is nothing new.</summary>
    Nothing,

    /// <summary>The watcher has fallen behind the ring.</summary>
    Overwritten,
}
