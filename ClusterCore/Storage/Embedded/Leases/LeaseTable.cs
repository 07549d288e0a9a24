using Flotilla.ClusterCore.Storage.Embedded.Index;

namespace Flotilla.ClusterCore.Storage.Embedded.Leases;

/// <summary>The leases and the keys attached to each. Deadlines live in memory only: after a restart each begins anew.</summary>
internal sealed class LeaseTable(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, Lease> leases = [];

    /// <summary>By when to look at each lease; what was revoked or kept alive meanwhile is only seen then.</summary>
    private readonly PriorityQueue<Lease, long> deadlines = new();

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
            var lease = new Lease(id) { TimeToLive = timeToLive, Deadline = Deadline(timeToLive) };
            leases[id] = lease;
            deadlines.Enqueue(lease, lease.Deadline);
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

    /// <summary>The leases that have run out, and how long until the next look at them (null: there are none).</summary>
    /// <param name="again">When a lease that has run out is told of again, should it still be there.</param>
    public (IReadOnlyList<long> Expired, TimeSpan? Next) Due(TimeSpan again)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var expired = new List<long>();
            while (deadlines.TryPeek(out var lease, out var deadline) && (deadline <= now || !IsCurrent(lease)))
            {
                _ = deadlines.Dequeue();
                if (IsCurrent(lease))
                {
                    var alive = lease.Deadline > now;
                    deadlines.Enqueue(lease, alive ? lease.Deadline : Deadline(again));
                    expired.AddRange(alive ? [] : [lease.Id]);
                }
            }

            return (expired, deadlines.TryPeek(out _, out var next) ? clock.GetElapsedTime(now, next) : null);
        }
    }

    private bool IsCurrent(Lease lease) => leases.GetValueOrDefault(lease.Id) == lease;

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

    private sealed class Lease(long id)
    {
        public long Id { get; } = id;

        public required TimeSpan TimeToLive { get; init; }

        public long Deadline { get; set; }

        public HashSet<ReadOnlyMemory<byte>> Keys { get; } = new(KeyBytes.Equality);
    }
}
