namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Events live an hour: they hang on leases, and many share one so that a burst of events is not a burst of leases.</summary>
internal sealed class EventLeases(ObjectStore objects, TimeProvider clock) : IDisposable
{
    private const int EventsPerLease = 1000;
    private static readonly TimeSpan eventLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan sharedFor = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim gate = new(1, 1);
    private long lease;
    private int used;
    private DateTimeOffset grantedAt;

    /// <summary>0 for objects that stay.</summary>
    public async ValueTask<long> ForAsync(Scope scope)
    {
        if (scope.Storage is not { Group: "", Resource: "events" } || scope.Request.IsDryRun) { return 0; }
        await gate.WaitAsync(scope.Aborted);
        try
        {
            if (lease == 0 || used >= EventsPerLease || clock.GetUtcNow() - grantedAt > sharedFor)
            {
                lease = await objects.GrantLeaseAsync(eventLife + sharedFor, scope.Aborted);
                (used, grantedAt) = (0, clock.GetUtcNow());
            }

            used++;
            return lease;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();
}
