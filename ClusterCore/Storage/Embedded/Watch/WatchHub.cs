using System.Runtime.CompilerServices;

namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>Carries durable changes to the watchers. One pass at a time, on the thread pool; what comes meanwhile joins the next.</summary>
internal sealed class WatchHub(History history, Func<long> revision, Func<long> compacted) : IThreadPoolWorkItem
{
    private const int ReadLimit = 1_000;
    private readonly Lock gate = new();
    private readonly Dictionary<WatchGroupKey, WatchGroup> groups = [];
    private readonly Dictionary<ReadOnlyMemory<byte>, List<WatchGroup>> single = new(KeyBytes.Equality);
    private readonly List<WatchGroup> ranges = [];
    private readonly List<HistoryEntry> entries = [];
    private long distributed = revision();

    /// <summary>Everything up to here has reached the groups.</summary>
    public long Distributed => Volatile.Read(ref distributed);

    private int scheduled;
    private bool progressWanted;

    /// <summary>Says that there are new changes. Cheap; never blocks.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref scheduled, 1) == 0)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Soon tells every watch that asked for progress how far it has got.</summary>
    public void RequestProgress()
    {
        Volatile.Write(ref progressWanted, true);
        Signal();
    }

    void IThreadPoolWorkItem.Execute()
    {
        _ = Interlocked.Exchange(ref scheduled, 0);
        var awake = new List<IThreadPoolWorkItem>();
        lock (gate)
        {
            while (Distribute(awake))
            {
            }

            if (Interlocked.Exchange(ref progressWanted, false))
            {
                foreach (var group in groups.Values.Where(static group => group.Key.Progress))
                {
                    group.Deliver(new(distributed, []), awake);
                }
            }
        }

        Run(awake);
    }

    /// <summary>A watch from "now" means now, not when its first batch is asked for.</summary>
    public IAsyncEnumerable<WatchBatch> WatchAsync(WatchRequest request, CancellationToken cancellationToken) =>
        WatchFromAsync(request with { FromRevision = request.FromRevision > 0 ? request.FromRevision : revision() + 1 }, cancellationToken);

    private async IAsyncEnumerable<WatchBatch> WatchFromAsync(
        WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = new Watcher();
        await using var cancelled = cancellationToken.UnsafeRegister(static watcher => ((Watcher)watcher!).Wake(inline: false), watcher);
        var next = request.FromRevision;
        while (true)
        {
            // What was missed is read from the history; once level with the hub, the watcher joins its group.
            (WatchGroup Group, long Position)? joined;
            while ((joined = TryJoin(watcher, request, next)) is null)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var missed = ReadMissed(request, next);
                next = missed.Revision + 1;
                if (missed.CompactedAt > 0 || missed.Events.Count > 0)
                {
                    yield return missed;
                }

                if (missed.CompactedAt > 0)
                {
                    yield break;
                }
            }

            var (group, position) = joined.Value;
            try
            {
                WatchTake taken;
                while ((taken = group.Take(position, out var batch)) != WatchTake.Overwritten)
                {
                    if (taken == WatchTake.Nothing)
                    {
                        await watcher.WaitAsync(group, position, cancellationToken);
                        cancellationToken.ThrowIfCancellationRequested();
                        continue;
                    }

                    position++;
                    if (Since(batch!, next) is { } news)
                    {
                        next = news.Revision + 1;
                        yield return news;
                    }
                }
            }
            finally
            {
                Leave(group, watcher);
            }
        }
    }

    /// <summary>Drops what came before the revision asked for; null when nothing is left to say.</summary>
    private static WatchBatch? Since(WatchBatch batch, long next)
    {
        if (batch.Events.Count == 0)
        {
            return batch.Revision >= next - 1 ? batch : null;
        }

        if (batch.Revision < next)
        {
            return null;
        }

        return batch.Events[0].KeyValue.ModRevision >= next
            ? batch
            : batch with { Events = [.. batch.Events.Where(change => change.KeyValue.ModRevision >= next)] };
    }

    private WatchBatch ReadMissed(WatchRequest request, long from)
    {
        var missed = new List<HistoryEntry>();
        if (from < compacted() || history.Read(from, revision(), ReadLimit, missed) is not { } upTo)
        {
            return new(from - 1, [], CompactedAt: Math.Max(1, compacted()));
        }

        return new(upTo, [.. missed.Where(entry => request.Range.Contains(entry.Version.Key.Span))
            .Select(entry => Event(entry, request.PreviousValues))]);
    }

    private (WatchGroup Group, long Position)? TryJoin(Watcher watcher, WatchRequest request, long next)
    {
        lock (gate)
        {
            // What is compacted is gone, also where its distribution has yet to come.
            if (next <= distributed || next < compacted())
            {
                return null;
            }

            var key = new WatchGroupKey(request.Range.Start, request.Range.End, request.PreviousValues, request.ProgressNotify);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new(key);
                Siblings(group).Add(group);
            }

            return (group, group.Join(watcher));
        }
    }

    private void Leave(WatchGroup group, Watcher watcher)
    {
        lock (gate)
        {
            group.Leave(watcher);
            if (!group.IsEmpty)
            {
                return;
            }

            _ = groups.Remove(group.Key);
            var siblings = Siblings(group);
            _ = siblings.Remove(group);
            if (siblings.Count == 0 && group.Range.End.IsEmpty)
            {
                _ = single.Remove(group.Range.Start);
            }
        }
    }

    private List<WatchGroup> Siblings(WatchGroup group)
    {
        if (!group.Range.End.IsEmpty)
        {
            return ranges;
        }

        if (!single.TryGetValue(group.Range.Start, out var siblings))
        {
            single[group.Range.Start] = siblings = [];
        }

        return siblings;
    }

    /// <summary>This thread has nothing else to do: it takes the last itself, which most often is the only one.</summary>
    private static void Run(List<IThreadPoolWorkItem> rows)
    {
        for (var i = 0; i < rows.Count - 1; i++)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(rows[i], preferLocal: false);
        }

        rows.LastOrDefault()?.Execute();
    }

    /// <returns>True when there may be more.</returns>
    private bool Distribute(List<IThreadPoolWorkItem> awake)
    {
        var to = revision();
        if (distributed >= to)
        {
            return false;
        }

        if (groups.Count == 0)
        {
            distributed = to;
            return true;
        }

        entries.Clear();
        distributed = history.Read(distributed + 1, to, ReadLimit, entries, mayBeBelowFloor: true)!.Value;
        var found = new Dictionary<WatchGroup, List<StoreEvent>>();
        foreach (var entry in entries)
        {
            Sort(entry, found);
        }

        foreach (var (group, events) in found)
        {
            group.Deliver(new(distributed, events), awake);
        }

        return true;
    }

    /// <summary>Adds a change to what is found for each group it concerns; it becomes an event once for all of them.</summary>
    private void Sort(HistoryEntry entry, Dictionary<WatchGroup, List<StoreEvent>> found)
    {
        StoreEvent? plain = null, withPrevious = null;
        if (single.TryGetValue(entry.Version.Key, out var siblings))
        {
            siblings.ForEach(Add);
        }

        foreach (var group in ranges)
        {
            if (group.Range.Contains(entry.Version.Key.Span))
            {
                Add(group);
            }
        }

        void Add(WatchGroup group)
        {
            if (!found.TryGetValue(group, out var events))
            {
                found[group] = events = [];
            }

            events.Add(group.Key.PreviousValues ? withPrevious ??= Event(entry, true) : plain ??= Event(entry, false));
        }
    }

    private static StoreEvent Event(HistoryEntry entry, bool previousValues) => new(
        entry.Version.IsTombstone ? StoreEventKind.Delete : StoreEventKind.Put,
        entry.Version,
        previousValues ? entry.Previous : null);
}
