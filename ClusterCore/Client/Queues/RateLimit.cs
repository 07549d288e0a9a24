namespace Flotilla.ClusterCore.Client.Queues;

/// <summary>A token bucket: <paramref name="burst"/> at once, <paramref name="perSecond"/> in the long run.</summary>
public sealed class RateLimit(double perSecond, int burst, TimeProvider clock)
{
    private readonly Lock gate = new();
    private double tokens = burst;
    private long refilledAt = clock.GetTimestamp();

    public bool TryTake()
    {
        lock (gate)
        {
            Refill();
            if (tokens < 1)
            {
                return false;
            }
            tokens--;
            return true;
        }
    }

    /// <summary>Takes one token now or in advance, and says how long to wait until it is earned.</summary>
    public TimeSpan Reserve()
    {
        lock (gate)
        {
            Refill();
            tokens--;
            return tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-tokens / perSecond);
        }
    }

    private void Refill()
    {
        var now = clock.GetTimestamp();
        tokens = Math.Min(burst, tokens + clock.GetElapsedTime(refilledAt, now).TotalSeconds * perSecond);
        refilledAt = now;
    }
}
