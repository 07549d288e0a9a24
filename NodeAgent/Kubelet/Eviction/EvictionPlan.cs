namespace Flotilla.NodeAgent.Kubelet.Eviction;

/// <summary>How much of a signal there is, and how much there could be.</summary>
internal readonly record struct SignalAmount(long Available, long Capacity);

/// <summary>A threshold that is met now.</summary>
internal sealed record MetThreshold(EvictionThreshold Threshold, SignalAmount Amount)
{
    public long Least => Threshold.Least(Amount.Capacity);
}

/// <summary>What is remembered from one look to the next: since when thresholds are met, and when each condition was last seen.</summary>
internal sealed record EvictionHistory(
    IReadOnlyDictionary<EvictionThreshold, DateTimeOffset> MetSince, IReadOnlyDictionary<string, DateTimeOffset> LastSeen)
{
    public static EvictionHistory None { get; } = new(new Dictionary<EvictionThreshold, DateTimeOffset>(), new Dictionary<string, DateTimeOffset>());
}

/// <summary>What the signals of one moment mean. Computed purely.</summary>
/// <param name="Pressures">Node conditions that are true: seen now, or so lately that they may be back at once.</param>
/// <param name="Reclaim">The threshold to do something about; memory comes before disks, because it runs out faster.</param>
internal sealed record EvictionPlan(IReadOnlyList<string> Pressures, MetThreshold? Reclaim, EvictionHistory History)
{
    public static EvictionPlan Compute(
        IReadOnlyList<EvictionThreshold> thresholds, IReadOnlyDictionary<string, SignalAmount> amounts, EvictionHistory before, TimeSpan transition, DateTimeOffset now)
    {
        var met = thresholds
            .Where(threshold => amounts.TryGetValue(threshold.Signal, out var amount) && amount.Available < threshold.Least(amount.Capacity))
            .Select(threshold => new MetThreshold(threshold, amounts[threshold.Signal]))
            .ToList();
        var metSince = met.ToDictionary(each => each.Threshold, each => before.MetSince.GetValueOrDefault(each.Threshold, now));
        var lastSeen = before.LastSeen.Where(pair => now - pair.Value < transition).ToDictionary();
        foreach (var each in met)
        {
            lastSeen[EvictionSignal.Condition(each.Threshold.Signal)] = now;
        }

        var due = met.Where(each => now - metSince[each.Threshold] >= each.Threshold.Grace)
            .OrderBy(each => EvictionSignal.Condition(each.Threshold.Signal) == "MemoryPressure" ? 0 : 1)
            .FirstOrDefault();
        return new([.. lastSeen.Keys.Order(StringComparer.Ordinal)], due, new(metSince, lastSeen));
    }
}
