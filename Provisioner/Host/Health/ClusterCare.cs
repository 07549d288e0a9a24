namespace Flotilla.Provisioner.Host.Health;

/// <summary>What the watchdog remembers of a cluster: when it was probed, and how often it was restarted of late.</summary>
internal sealed class ClusterCare
{
    private static readonly TimeSpan MaxRestartDelay = TimeSpan.FromSeconds(60);

    /// <summary>After this long without a restart it counts as well.</summary>
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(10);

    private DateTimeOffset probedAt = DateTimeOffset.MinValue;
    private DateTimeOffset restartedAt = DateTimeOffset.MinValue;
    private int restarts;
    private bool wasDown;

    /// <summary>At once the first time, then 1, 2, 4 … seconds after the last.</summary>
    public bool MayRestart(DateTimeOffset now)
    {
        if (now - restartedAt > Recovered) { restarts = 0; }
        return restarts == 0 || now - restartedAt >= DelayAfter(restarts);
    }

    public void Restarted(DateTimeOffset now)
    {
        restarts++;
        restartedAt = now;
    }

    /// <summary>Regularly, and at once while something is down and when it comes up again.</summary>
    public bool MustProbe(DateTimeOffset now, TimeSpan interval, bool isDown)
    {
        var due = now - probedAt >= interval || isDown || wasDown;
        wasDown = isDown;
        if (due) { probedAt = now; }
        return due;
    }

    internal static TimeSpan DelayAfter(int restarts) =>
        TimeSpan.FromSeconds(Math.Min(MaxRestartDelay.TotalSeconds, Math.Pow(2, restarts - 1)));
}
