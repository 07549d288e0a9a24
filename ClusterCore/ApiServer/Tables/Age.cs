namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>Durations as kubectl shows them: two units at most, the second only while it matters (<c>45s</c>, <c>3m12s</c>, <c>5d3h</c>).</summary>
internal static class Age
{
    public const string Unknown = "<unknown>";

    public static string Since(string? timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, out var time) ? Of(now - time) : Unknown;

    public static string Of(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1) { return "<invalid>"; }
        if (seconds < 0) { return "0s"; }
        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        return seconds switch
        {
            < 120 => $"{seconds}s",
            < 600 => Two(minutes, "m", seconds % 60, "s"),
            < 10800 => $"{minutes}m",
            < 28800 => Two(hours, "h", minutes % 60, "m"),
            < 172800 => $"{hours}h",
            < 691200 => Two(days, "d", hours % 24, "h"),
            < 730 * 86400L => $"{days}d",
            < 8 * 365 * 86400L => Two(days / 365, "y", days % 365, "d"),
            _ => $"{days / 365}y",
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
