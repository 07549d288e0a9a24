namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>What watches have in common; all with the same share one stream of batches.</summary>
internal readonly record struct WatchGroupKey(ReadOnlyMemory<byte> Start, ReadOnlyMemory<byte> End, bool PreviousValues, bool Progress)
{
    public bool Equals(WatchGroupKey other) =>
        PreviousValues == other.PreviousValues && Progress == other.Progress &&
        Start.Span.SequenceEqual(other.Start.Span) && End.Span.SequenceEqual(other.End.Span);

    public override int GetHashCode() =>
        HashCode.Combine(KeyBytes.Equality.GetHashCode(Start), KeyBytes.Equality.GetHashCode(End), PreviousValues, Progress);
}

/// <summary>
/// The newest batches for one range. Watchers read at their own pace by position; one that falls behind the ring goes back
/// to the history, so that a stuck watcher costs nothing.
/// </summary>
internal sealed class WatchGroup(WatchGroupKey key)
{
    private const int MaxRing = 256;
    private readonly Lock gate = new();
    private WatchBatch[] ring = new WatchBatch[8];
    private long end;
    private List<Watcher> waiting = [];
    private List<Watcher> spare = [];

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

    /// <returns>The watchers to wake, outside of any lock; give the list back.</returns>
    public List<Watcher>? Add(WatchBatch batch)
    {
        lock (gate)
        {
            if (end == ring.Length && ring.Length < MaxRing)
            {
                // The positions are still below the length, so that growing keeps every place.
                Array.Resize(ref ring, ring.Length * 2);
            }

            ring[end++ % ring.Length] = batch;
            if (waiting.Count == 0)
            {
                return null;
            }

            (var woken, waiting, spare) = (waiting, spare, null!);
            waiting ??= [];
            return woken;
        }
    }

    public void Return(List<Watcher> woken)
    {
        woken.Clear();
        lock (gate)
        {
            spare ??= woken;
        }
    }

    /// <summary>Copies what came since <paramref name="position"/>, and moves it.</summary>
    /// <returns>How many; 0 there is nothing new, -1 the position has been overwritten.</returns>
    public int Take(ref long position, WatchBatch[] batches)
    {
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
}
