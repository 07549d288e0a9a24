namespace Flotilla.ClusterCore.Client.Queues;

/// <summary>Waits that double from a first to a longest one.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int failures;

    public TimeSpan Next() => After(failures++, first, longest);

    public void Reset() => failures = 0;

    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest)
    {
        var ticks = first.Ticks * Math.Pow(2, Math.Min(failures, 60));
        return ticks >= longest.Ticks ? longest : TimeSpan.FromTicks((long)ticks);
    }
}
