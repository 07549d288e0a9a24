using System.Collections.Concurrent;
using System.Globalization;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>How long something took, counted in buckets: one histogram of Prometheus' for each set of labels.</summary>
internal sealed class Durations
{
    /// <summary>Prometheus' own, in seconds.</summary>
    private static readonly double[] Bounds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<string, Histogram> histograms = new(StringComparer.Ordinal);

    /// <param name="labels">As they stand between the braces.</param>
    public void Add(string labels, TimeSpan took) => histograms.GetOrAdd(labels, static _ => new()).Add(took.TotalSeconds);

    /// <param name="beginning">Of the labels of what is forgotten.</param>
    public void Remove(string beginning)
    {
        foreach (var labels in histograms.Keys.Where(labels => labels.StartsWith(beginning, StringComparison.Ordinal))) { histograms.TryRemove(labels, out _); }
    }

    public void WriteTo(MetricText text, string name, string help)
    {
        if (histograms.IsEmpty) { return; }
        text.Heading(name, "histogram", help);
        foreach (var (labels, histogram) in histograms.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var (counts, sum) = histogram.Read();
            var (before, below) = (labels.Length == 0 ? "" : $"{labels},", 0L);
            for (var index = 0; index < counts.Length; index++)
            {
                below += counts[index];
                text.Sample($"{name}_bucket", $"{before}le=\"{(index < Bounds.Length ? Bounds[index].ToString(CultureInfo.InvariantCulture) : "+Inf")}\"", below);
            }

            text.Sample($"{name}_sum", labels, sum).Sample($"{name}_count", labels, below);
        }
    }

    private sealed class Histogram
    {
        private readonly Lock gate = new();
        private readonly long[] counts = new long[Bounds.Length + 1];
        private double sum;

        public void Add(double seconds)
        {
            var bucket = Array.FindIndex(Bounds, bound => seconds <= bound);
            lock (gate)
            {
                counts[bucket < 0 ? Bounds.Length : bucket]++;
                sum += seconds;
            }
        }

        public (long[] Counts, double Sum) Read()
        {
            lock (gate) { return ([.. counts], sum); }
        }
    }
}
