namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>What the watches of one resource were sent: how many events, and of which size on the wire.</summary>
internal sealed class WatchSeries
{
    private readonly Lock gate = new();
    private readonly Histogram sizes = new([1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072]);
    private long events;

    public long Events => Volatile.Read(ref events);

    /// <summary>Those of one flush together: many watchers count at once.</summary>
    public void Count(IReadOnlyList<int> frames)
    {
        lock (gate)
        {
            events += frames.Count;
            foreach (var frame in frames) { sizes.Observe(frame); }
        }
    }

    public void WriteSizes(MetricsText text, string name, string labels)
    {
        lock (gate) { text.Histogram(name, labels, sizes); }
    }
}
