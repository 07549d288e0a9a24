namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>Counts by size, in Prometheus' sense: each bucket holds what is up to its bound and in no smaller one. Not thread-safe.</summary>
internal sealed class Histogram(double[] bounds)
{
    private readonly long[] counts = new long[bounds.Length + 1];

    public IReadOnlyList<double> Bounds => bounds;

    public IReadOnlyList<long> Counts => counts;

    public double Sum { get; private set; }

    public void Observe(double value)
    {
        var at = Array.BinarySearch(bounds, value);
        counts[at < 0 ? ~at : at]++;
        Sum += value;
    }

    /// <summary>What another of the same bounds has counted.</summary>
    public void Add(Histogram other)
    {
        for (var i = 0; i < counts.Length; i++) { counts[i] += other.counts[i]; }
        Sum += other.Sum;
    }
}
