using Flotilla.ClusterCore.Storage.Embedded.Index;

namespace Flotilla.ClusterCore.Storage.Embedded.Leases;

/// <summary>The leases and the keys attached to each. Deadlines live in memory only: after a restart each begins anew.</summary>
internal sealed class LeaseTable(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, Lease> leases = [];

    public bool Contains(long id)
    {
        lock (gate)
        {
            return leases.ContainsKey(id);
        }
    }

    public void Grant(long id, TimeSpan timeToLive)
    {
        lock (gate)
        {
            leases[id] = new() { TimeToLive = timeToLive, Deadline = Deadline(timeToLive) };
        }
    }

    /// <summary>Attaches the keys of a store just opened.</summary>
    public void Adopt(StoreState state)
    {
        if (leases.Count > 0)
        {
            var visitor = new Adopter(this);
            _ = KeyTreeReader.Visit(state.Root, new(default, new byte[] { 0 }), ref visitor);
        }
    }

    /// <returns>Null when the lease does not exist or has run out.</returns>
    public TimeSpan? KeepAlive(long id)
    {
        lock (gate)
        {
            if (!leases.TryGetValue(id, out var lease) || lease.Deadline <= clock.GetTimestamp())
            {
                return null;
            }

            lease.Deadline = Deadline(lease.TimeToLive);
            return lease.TimeToLive;
        }
    }

    public void Remove(long id)
    {
        lock (gate)
        {
            _ = leases.Remove(id);
        }
    }

    /// <summary>Follows a durable change: the key leaves its old lease and joins its new one.</summary>
    public void Follow(KeyValue change)
    {
        var before = change.Older?.Lease ?? 0;
        if (before == 0 && change.Lease == 0)
        {
            return;
        }

        lock (gate)
        {
            if (before != 0 && leases.TryGetValue(before, out var old))
            {
                _ = old.Keys.Remove(change.Key);
            }

            if (change.Lease != 0 && leases.TryGetValue(change.Lease, out var lease))
            {
                _ = lease.Keys.Add(change.Key);
            }
        }
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> Keys(long id)
    {
        lock (gate)
        {
            return leases.TryGetValue(id, out var lease)
                ? [.. lease.Keys.OrderBy(static key => key, KeyBytes.Order)]
                : [];
        }
    }

    public LeaseStatus? Find(long id)
    {
        lock (gate)
        {
            if (!leases.TryGetValue(id, out var lease))
            {
                return null;
            }

            var remaining = clock.GetElapsedTime(clock.GetTimestamp(), lease.Deadline);
            return new(id, lease.TimeToLive, remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining, Keys(id));
        }
    }

    public IReadOnlyList<long> List()
    {
        lock (gate)
        {
            return [.. leases.Keys.Order()];
        }
    }

    public IReadOnlyList<(long Id, TimeSpan TimeToLive)> Export()
    {
        lock (gate)
        {
            return [.. leases.Select(static pair => (pair.Key, pair.Value.TimeToLive))];
        }
    }

    /// <summary>The leases that have run out, and how long until the next one does (null: there is none).</summary>
    public (IReadOnlyList<long> Expired, TimeSpan? Next) Due()
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var running = leases.Values.Where(lease => lease.Deadline > now).Select(static lease => lease.Deadline).DefaultIfEmpty(0).Min();
            return (
                [.. leases.Where(pair => pair.Value.Deadline <= now).Select(static pair => pair.Key).Order()],
                running == 0 ? null : clock.GetElapsedTime(now, running));
        }
    }

    private long Deadline(TimeSpan timeToLive) =>
        clock.GetTimestamp() + (long)Math.Min(long.MaxValue / 4d, timeToLive.TotalSeconds * clock.TimestampFrequency);

    private readonly struct Adopter(LeaseTable table) : IKeyVisitor
    {
        public bool Visit(KeyValue newest)
        {
            if (newest.Lease != 0 && table.leases.TryGetValue(newest.Lease, out var lease))
            {
                _ = lease.Keys.Add(newest.Key);
            }

            return true;
        }
    }

    private sealed class Lease
    {
        public required TimeSpan TimeToLive { get; init; }

        public long Deadline { get; set; }

        public HashSet<ReadOnlyMemory<byte>> Keys { get; } = new(KeyBytes.Equality);
    }
}
