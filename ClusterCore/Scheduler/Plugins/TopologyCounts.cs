namespace Flotilla.ClusterCore.Scheduler.Plugins;

/// <summary>A number for each value of a topology key: how many pods there, or what being there is worth.</summary>
internal sealed class TopologyCounts
{
    private readonly Dictionary<string, long> values;

    public TopologyCounts() => values = new(StringComparer.Ordinal);

    private TopologyCounts(TopologyCounts other) => values = new(other.values, StringComparer.Ordinal);

    public int Domains => values.Count;

    public long this[string value] => values.GetValueOrDefault(value);

    public bool Has(string value) => values.ContainsKey(value);

    public bool AnyPositive => values.Values.Any(count => count > 0);

    public void Add(string value, long amount) => values[value] = values.GetValueOrDefault(value) + amount;

    public long Min()
    {
        if (values.Count == 0) { return 0; }
        var min = long.MaxValue;
        foreach (var count in values.Values) { min = Math.Min(min, count); }
        return min;
    }

    public TopologyCounts Clone() => new(this);
}
