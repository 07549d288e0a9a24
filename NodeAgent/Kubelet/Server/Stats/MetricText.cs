using System.Globalization;
using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>Samples in Prometheus' text format (version 0.0.4), one family after the other.</summary>
internal sealed class MetricText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder text = new();

    /// <param name="samples">Labels as they stand between the braces, empty for none; written with its time where that is given.</param>
    public MetricText Family(string name, string type, string help, IEnumerable<(string Labels, double Value, DateTimeOffset? Time)> samples)
    {
        var any = false;
        foreach (var (labels, value, time) in samples)
        {
            if (!any)
            {
                Heading(name, type, help);
                any = true;
            }

            Sample(name, labels, value, time);
        }

        return this;
    }

    public MetricText Heading(string name, string type, string help)
    {
        text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
        return this;
    }

    public MetricText Sample(string name, string labels, double value, DateTimeOffset? time = null)
    {
        text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(CultureInfo.InvariantCulture, $" {value:R}");
        text.Append(time is { } at ? $" {at.ToUnixTimeMilliseconds()}\n" : "\n");
        return this;
    }

    public MetricText One(string name, string type, string help, double value) => Family(name, type, help, [("", value, null)]);

    /// <summary><c>a="1",b="x\"y"</c>, in the order given.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var result = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            result.Append(result.Length == 0 ? "" : ",").Append(name).Append("=\"")
                .Append(value.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\"", "\\\"")).Append('"');
        }

        return result.ToString();
    }

    public override string ToString() => text.ToString();
}
