using Flotilla.ClusterCore.Storage.Embedded.Writes;

namespace Flotilla.ClusterCore.Storage.Embedded.Leases;

/// <summary>Revokes leases when they run out.</summary>
internal sealed class LeaseExpiry : IAsyncDisposable
{
    /// <summary>etcd looks twice a second; many leases that end together are revoked in one go.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);
    private readonly LeaseTable leases;
    private readonly StoreWriter writer;
    private readonly ITimer timer;

    public LeaseExpiry(LeaseTable leases, StoreWriter writer, TimeProvider clock)
    {
        this.leases = leases;
        this.writer = writer;
        timer = clock.CreateTimer(static expiry => ((LeaseExpiry)expiry!).Revoke(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Reschedule()
    {
        var (expired, next) = leases.Due();
        if (expired.Count > 0 || next is not null)
        {
            var wait = expired.Count > 0 || next < Shortest ? Shortest : next!.Value;
            _ = timer.Change(wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
        }
    }

    public ValueTask DisposeAsync() => timer.DisposeAsync();

    private void Revoke()
    {
        foreach (var id in leases.Due().Expired)
        {
            _ = writer.Post(new PendingRevoke(id));
        }

        Reschedule();
    }
}
