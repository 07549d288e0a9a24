using System.Collections.Concurrent;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>In this process one thing at a time is done to a cluster: its operation, or the watchdog's restart of what died.</summary>
public sealed class ClusterLocks
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> locks = new(StringComparer.Ordinal);

    public async Task<IDisposable> AcquireAsync(string clusterId, CancellationToken cancellationToken)
    {
        var taken = LockOf(clusterId);
        await taken.WaitAsync(cancellationToken);
        return new Release(taken);
    }

    /// <summary>Null when the cluster is busy.</summary>
    public async Task<IDisposable?> TryAcquireAsync(string clusterId, CancellationToken cancellationToken)
    {
        var taken = LockOf(clusterId);
        return await taken.WaitAsync(TimeSpan.Zero, cancellationToken) ? new Release(taken) : null;
    }

    private SemaphoreSlim LockOf(string clusterId) => locks.GetOrAdd(clusterId, _ => new(1));

    private sealed class Release(SemaphoreSlim taken) : IDisposable
    {
        public void Dispose() => taken.Release();
    }
}
