using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Statuses;

/// <summary>Durations as Kubernetes' texts show them: <c>10s</c>, <c>1m20s</c>, <c>5m0s</c>, <c>250ms</c>.</summary>
internal static class GoDuration
{
    public static string Format(TimeSpan value)
    {
        if (value < TimeSpan.FromSeconds(1))
        {
            return $"{value.TotalMilliseconds:0.###}ms";
        }

        var text = new StringBuilder();
        if (value.TotalHours >= 1)
        {
            text.Append((int)value.TotalHours).Append('h');
        }

        if (value.TotalMinutes >= 1)
        {
            text.Append(value.Minutes).Append('m');
        }

        return text.Append($"{value.Seconds + (value.Milliseconds / 1000d):0.###}s").ToString();
    }
}
