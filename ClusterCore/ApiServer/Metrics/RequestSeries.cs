namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>What requests are told apart by, in the labels' own order.</summary>
internal readonly record struct RequestLabels(string DryRun, string Group, string Resource, string Scope, string Subresource, string Verb, string Version)
{
    /// <summary>Without <c>dry_run</c>, which not every family has.</summary>
    public override string ToString() =>
        $"group=\"{Group}\",resource=\"{Resource}\",scope=\"{Scope}\",subresource=\"{Subresource}\",verb=\"{Verb}\",version=\"{Version}\"";
}

/// <summary>The requests of one set of labels: how many of each code, how long they took, and how many are under way.</summary>
internal sealed class RequestSeries
{
    private static readonly double[] bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
    private readonly Lock gate = new();
    private readonly Dictionary<int, long> codes = [];
    private readonly Histogram durations = new(bounds);
    private int running;

    public int Running => Volatile.Read(ref running);

    public void Begin() => Interlocked.Increment(ref running);

    public void End(int code, TimeSpan elapsed)
    {
        Interlocked.Decrement(ref running);
        lock (gate)
        {
            codes[code] = codes.GetValueOrDefault(code) + 1;
            durations.Observe(elapsed.TotalSeconds);
        }
    }

    public KeyValuePair<int, long>[] Codes()
    {
        lock (gate) { return [.. codes.OrderBy(static code => code.Key)]; }
    }

    public void WriteDurations(MetricsText text, string name, string labels)
    {
        lock (gate) { text.Histogram(name, labels, durations); }
    }

    /// <summary>Of several series as of one.</summary>
    public static Histogram DurationsOf(IEnumerable<RequestSeries> all)
    {
        var sum = new Histogram(bounds);
        foreach (var one in all)
        {
            lock (one.gate) { sum.Add(one.durations); }
        }

        return sum;
    }
}
