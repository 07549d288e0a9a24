namespace Flotilla.Benchmarks;

/// <summary>Measurements of the same thing.</summary>
public sealed class Samples
{
    private readonly List<double> values = [];

    public int Count => values.Count;

    public void Add(double value) => values.Add(value);

    public double Median => Percentile(50);

    /// <summary>Nearest rank: the smallest measured value that at least this share of the values do not exceed.</summary>
    public double Percentile(double percent)
    {
        var sorted = values.Order().ToList();
        var rank = (int)Math.Ceiling(percent / 100 * sorted.Count);
        return sorted[Math.Clamp(rank, 1, sorted.Count) - 1];
    }
}
