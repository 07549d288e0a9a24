namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>Every change since the last trimming, in order: what watches read and compaction cuts.</summary>
internal sealed class History
{
    private const int VersionOverhead = 160;
    private readonly Lock gate = new();
    private KeyValue[] ring = new KeyValue[64];
    private long first;
    private long cut;
    private long end;

    /// <summary>Watches can begin at this revision or later.</summary>
    public long Floor { get; private set; }

    /// <summary>Memory held by versions that are no longer the newest.</summary>
    public long SupersededBytes { get; private set; }

    public long Count
    {
        get
        {
            lock (gate)
            {
                return end - first;
            }
        }
    }

    private static long SizeOf(KeyValue? version) =>
        version is null ? 0 : VersionOverhead + version.Key.Length + version.Value.Length;

    /// <summary>What a newest version adds to the live data: a deletion adds nothing.</summary>
    public static long LiveSizeOf(KeyValue? version) => version is null or { IsTombstone: true } ? 0 : SizeOf(version);

    public void Append(List<KeyValue> changes)
    {
        lock (gate)
        {
            foreach (var change in changes)
            {
                if (end - first == ring.Length)
                {
                    Resize(ring.Length * 2);
                }

                ring[end++ & (ring.Length - 1)] = change;
                SupersededBytes += Superseded(change);
            }
        }
    }

    /// <summary>From now on nothing before <paramref name="revision"/> may be watched; the memory is freed by trimming.</summary>
    public void RaiseFloor(long revision)
    {
        lock (gate)
        {
            Floor = Math.Max(Floor, revision);
        }
    }

    /// <summary>
    /// Reads whole revisions from <paramref name="from"/> up to <paramref name="to"/>, about <paramref name="limit"/> changes.
    /// </summary>
    /// <returns>The last revision read, or null when <paramref name="from"/> is below the floor.</returns>
    /// <param name="mayBeBelowFloor">The hub finishes what it began: trimming waits for it.</param>
    public long? Read(long from, long to, int limit, List<HistoryEntry> entries, bool mayBeBelowFloor = false)
    {
        lock (gate)
        {
            if (from < Floor && !mayBeBelowFloor)
            {
                return null;
            }

            var index = Find(from);
            while (index < end && At(index).ModRevision <= to)
            {
                var revision = At(index).ModRevision;
                if (entries.Count >= limit && revision != entries[^1].Version.ModRevision)
                {
                    return entries[^1].Version.ModRevision;
                }

                entries.Add(new(At(index), Previous(At(index))));
                index++;
            }

            return to;
        }
    }

    /// <summary>
    /// Cuts what was superseded at or before <paramref name="revision"/>; keeps that revision's own changes, as a watch may
    /// begin there.
    /// </summary>
    /// <param name="limit">Changes looked at in one go.</param>
    /// <param name="tombstones">Deletions whose keys the index can forget.</param>
    /// <returns>False when there is more to trim.</returns>
    public bool Trim(long revision, int limit, List<KeyValue> tombstones)
    {
        lock (gate)
        {
            for (; cut < end && At(cut).ModRevision <= revision; cut++)
            {
                if (limit-- == 0)
                {
                    return false;
                }

                var version = At(cut);
                SupersededBytes -= Superseded(version);
                version.Older = null;
                if (version.IsTombstone)
                {
                    tombstones.Add(version);
                }
            }

            while (first < cut && At(first).ModRevision < revision)
            {
                ring[first++ & (ring.Length - 1)] = null!;
            }

            if (ring.Length > 1024 && end - first < ring.Length / 8)
            {
                Resize(ring.Length / 4);
            }

            return true;
        }
    }

    /// <summary>Whether trimming up to a revision would find anything to do.</summary>
    public bool CanTrim(long revision)
    {
        lock (gate)
        {
            return cut < end && At(cut).ModRevision <= revision;
        }
    }

    /// <summary>The revision from which on at most <paramref name="bytes"/> of superseded versions are held.</summary>
    public long RevisionHolding(long bytes)
    {
        lock (gate)
        {
            var held = SupersededBytes;
            var index = cut;
            for (; index < end - 1 && held > bytes; index++)
            {
                held -= Superseded(At(index));
            }

            return index < end ? At(index).ModRevision : Floor;
        }
    }

    private KeyValue At(long index) => ring[index & (ring.Length - 1)];

    private static KeyValue? Previous(KeyValue version) => version.Older is { IsTombstone: false } older ? older : null;

    private static long Superseded(KeyValue version) =>
        SizeOf(version.Older) + (version.IsTombstone ? VersionOverhead : 0);

    private long Find(long revision)
    {
        var (low, high) = (first, end);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).ModRevision < revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Resize(int length)
    {
        var resized = new KeyValue[length];
        for (var index = first; index < end; index++)
        {
            resized[index & (length - 1)] = At(index);
        }

        ring = resized;
    }
}

internal readonly record struct HistoryEntry(KeyValue Version, KeyValue? Previous);
