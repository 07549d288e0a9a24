using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>A consistent view of one resource: nothing after the revision, everything up to it.</summary>
internal readonly record struct CacheSnapshot(long Revision, CacheEntry[] Entries);

/// <summary>All objects of one resource, in key order, and those who watch them.</summary>
internal sealed class ResourceCache(GroupResource resource, long startRevision, Func<long> feedRevision)
{
    private readonly Lock gate = new();
    private readonly List<CacheEntry> entries = [];
    private readonly HashSet<Watcher> watchers = [];

    /// <summary>Those that waited for what has been offered to them.</summary>
    private readonly List<Watcher> offered = [];
    private EventWindow window = new(startRevision);
    private long lastEventRevision = startRevision;

    public GroupResource Resource => resource;

    /// <summary>Grows with every change of this resource.</summary>
    public long Version => Volatile.Read(ref lastEventRevision);

    public int Count
    {
        get
        {
            lock (gate) { return entries.Count; }
        }
    }

    public CacheEntry? Find(string @namespace, string name)
    {
        var order = new StoreKey(resource, @namespace, name).Order;
        lock (gate)
        {
            var at = Search(order);
            return at >= 0 ? entries[at] : null;
        }
    }

    public CacheSnapshot List(string @namespace)
    {
        var revision = feedRevision();
        lock (gate) { return new(Math.Max(revision, lastEventRevision), Slice(@namespace)); }
    }

    /// <summary>
    /// A watcher that has seen everything up to <paramref name="after"/>, with the changes since already in its queue; null
    /// when those are no longer known.
    /// </summary>
    public Watcher? Watch(Selection selection, bool bookmarks, long after)
    {
        var watcher = new Watcher(selection, bookmarks, Remove);
        lock (gate)
        {
            if (after < window.CompleteAfter) { return null; }
            foreach (var change in window.After(after)) { _ = watcher.Offer(change); }
            watchers.Add(watcher);
        }

        return watcher;
    }

    /// <summary>A watcher and the state it starts from, with nothing in between.</summary>
    public (Watcher Watcher, CacheSnapshot Start) WatchFromNow(Selection selection, bool bookmarks)
    {
        var revision = feedRevision();
        var watcher = new Watcher(selection, bookmarks, Remove);
        lock (gate)
        {
            watchers.Add(watcher);
            return (watcher, new(Math.Max(revision, lastEventRevision), Slice(selection.Namespace)));
        }
    }

    /// <summary>
    /// What there is as of a revision, at the start or when changes were missed. Who watches is told what is different, once
    /// for each object; who wants to resume from before that must list.
    /// </summary>
    public void Load(IEnumerable<CacheEntry> current, long revision, DateTimeOffset now)
    {
        lock (gate)
        {
            var gone = entries.ToDictionary(static entry => entry.Order, StringComparer.Ordinal);
            entries.Clear();
            entries.AddRange(current.OrderBy(static entry => entry.Order, StringComparer.Ordinal));
            var changed = entries
                .Select(entry => new CacheEvent(entry.Revision, entry, gone.Remove(entry.Order, out var known) ? known : null) { At = now })
                .Where(static change => change.Previous?.Revision != change.Revision)
                .OrderBy(static change => change.Revision).ToList();
            changed.AddRange(gone.Values.Select(known => new CacheEvent(revision, null, known) { At = now }));
            changed.ForEach(Offer);
            window = new(revision);
            Volatile.Write(ref lastEventRevision, revision);
            WakeOffered();
        }
    }

    public void Apply(IReadOnlyList<(StoreKey Key, CacheEntry? Current, long Revision)> changes, DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var (key, current, revision) in changes)
            {
                var previous = current is null ? TakeOut(key.Order) : Put(current);
                Volatile.Write(ref lastEventRevision, revision);
                if (current is null && previous is null) { continue; }
                var change = new CacheEvent(revision, current, previous) { At = now };
                window.Add(change);
                Offer(change);
            }

            WakeOffered();
        }
    }

    /// <summary>Gives back the memory of changes that nobody asks for any more.</summary>
    public void Trim(DateTimeOffset now)
    {
        lock (gate) { window.Trim(now); }
    }

    public void SendBookmarks()
    {
        var revision = feedRevision();
        lock (gate)
        {
            foreach (var watcher in watchers)
            {
                if (watcher.WantsBookmarks && watcher.OfferBookmark(Math.Max(revision, lastEventRevision))) { offered.Add(watcher); }
            }

            WakeOffered();
        }
    }

    public void StopWatchers()
    {
        lock (gate)
        {
            foreach (var watcher in watchers) { watcher.Stop(); }
        }
    }

    private void Offer(CacheEvent change)
    {
        foreach (var watcher in watchers)
        {
            if (watcher.Offer(change)) { offered.Add(watcher); }
        }
    }

    private void WakeOffered()
    {
        WatcherRow.Wake(offered);
        offered.Clear();
    }

    private void Remove(Watcher watcher)
    {
        lock (gate) { watchers.Remove(watcher); }
    }

    private CacheEntry? Put(CacheEntry entry)
    {
        var at = entries.Count > 0 && string.CompareOrdinal(entries[^1].Order, entry.Order) < 0 ? ~entries.Count : Search(entry.Order);
        if (at < 0)
        {
            entries.Insert(~at, entry);
            return null;
        }

        var previous = entries[at];
        entries[at] = entry;
        return previous;
    }

    private CacheEntry? TakeOut(string order)
    {
        var at = Search(order);
        if (at < 0) { return null; }
        var previous = entries[at];
        entries.RemoveAt(at);
        return previous;
    }

    private CacheEntry[] Slice(string @namespace)
    {
        if (@namespace.Length == 0) { return [.. entries]; }
        // '0' follows '/' in ASCII: "web/" up to "web0" is all of namespace web.
        var (start, end) = (Insertion(@namespace + "/"), Insertion(@namespace + "0"));
        return [.. entries.GetRange(start, end - start)];
    }

    private int Insertion(string order)
    {
        var at = Search(order);
        return at < 0 ? ~at : at;
    }

    private int Search(string order)
    {
        var (low, high) = (0, entries.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var compared = string.CompareOrdinal(entries[middle].Order, order);
            if (compared == 0) { return middle; }
            if (compared < 0) { low = middle + 1; }
            else { high = middle - 1; }
        }

        return ~low;
    }
}
