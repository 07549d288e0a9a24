using System.Globalization;
using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Metrics;

/// <summary>Prometheus' text format, version 0.0.4.</summary>
internal sealed class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private readonly StringBuilder text = new();

    public MetricsText Family(string name, string type, string help)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    public void Sample(string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) { text.Append('{').Append(labels).Append('}'); }
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>A family of one sample without labels.</summary>
    public void Single(string name, string type, string help, double value) => Family(name, type, help).Sample(name, "", value);

    public void Histogram(string name, string labels, Histogram histogram)
    {
        var total = 0L;
        for (var i = 0; i < histogram.Counts.Count; i++)
        {
            total += histogram.Counts[i];
            var bound = i < histogram.Bounds.Count ? Number(histogram.Bounds[i]) : "+Inf";
            Sample(name + "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", total);
        }

        Sample(name + "_sum", labels, histogram.Sum);
        Sample(name + "_count", labels, total);
    }

    public override string ToString() => text.ToString();

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
