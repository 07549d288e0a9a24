namespace Flotilla.NodeAgent.Kubelet.Plans;

/// <param name="Delay">What must pass between an exit and the next start.</param>
public readonly record struct BackOffEntry(TimeSpan Delay, DateTimeOffset UpdatedAt);

/// <summary>
/// Crash back-off: the first restart is at once, the next after 10 s, then twice as long each time up to 5 min;
/// forgotten when a container ran for 10 min.
/// </summary>
public static class RestartBackOff
{
    public static readonly TimeSpan Initial = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgotten = 2 * Longest;

    /// <summary>How long after <paramref name="since"/> the next try is due; zero when there is nothing to wait for.</summary>
    public static TimeSpan Delay(BackOffEntry? entry, DateTimeOffset since) =>
        entry is { } known && since - known.UpdatedAt <= Forgotten ? known.Delay : TimeSpan.Zero;

    public static BackOffEntry Next(BackOffEntry? entry, DateTimeOffset since, DateTimeOffset now)
    {
        var delay = Delay(entry, since);
        return new(delay == TimeSpan.Zero ? Initial : delay * 2 > Longest ? Longest : delay * 2, now);
    }
}
