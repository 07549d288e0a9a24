using Flotilla.ClusterCore.Storage.Embedded.Writes;

namespace Flotilla.ClusterCore.Storage.Embedded.Leases;

/// <summary>Revokes leases when they run out.</summary>
internal sealed class LeaseExpiry : IAsyncDisposable
{
    /// <summary>etcd looks twice a second; many leases that end together are revoked in one go.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    /// <summary>Timers do not wait for much longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private readonly Lock gate = new();
    private readonly LeaseTable leases;
    private readonly StoreWriter writer;
    private readonly ITimer timer;

    public LeaseExpiry(LeaseTable leases, StoreWriter writer, TimeProvider clock)
    {
        this.leases = leases;
        this.writer = writer;
        timer = clock.CreateTimer(static expiry => ((LeaseExpiry)expiry!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks for what has run out, and sets the timer for the next look.</summary>
    public void Look()
    {
        // One at a time: the timer must be left as the last look says.
        lock (gate)
        {
            var (expired, next) = leases.Due(again: Shortest);
            foreach (var id in expired)
            {
                _ = writer.Post(new PendingRevoke(id));
            }

            if (next is { } wait)
            {
                _ = timer.Change(TimeSpan.FromTicks(Math.Clamp(wait.Ticks, Shortest.Ticks, Longest.Ticks)), Timeout.InfiniteTimeSpan);
            }
        }
    }

    public ValueTask DisposeAsync() => timer.DisposeAsync();
}
