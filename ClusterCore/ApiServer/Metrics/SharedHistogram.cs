namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>A histogram that many count in at once.</summary>
internal sealed class SharedHistogram(double[] bounds)
{
    private const double Hour = 3600, Day = 24 * Hour;
    private readonly Lock gate = new();
    private readonly Histogram histogram = new(bounds);

    /// <summary>Of seconds that a webhook takes.</summary>
    public static SharedHistogram OfCalls() => new([0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]);

    /// <summary>Of seconds that a certificate has still to go.</summary>
    public static SharedHistogram OfAges() =>
        new([0, Hour / 2, Hour, 2 * Hour, 6 * Hour, 12 * Hour, Day, 2 * Day, 4 * Day, 7 * Day, 30 * Day, 90 * Day, 180 * Day, 360 * Day]);

    public void Observe(double value)
    {
        lock (gate) { histogram.Observe(value); }
    }

    public void Write(MetricsText text, string name, string labels)
    {
        lock (gate) { text.Histogram(name, labels, histogram); }
    }
}
