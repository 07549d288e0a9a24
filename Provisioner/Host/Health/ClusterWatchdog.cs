using System.Collections.Concurrent;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Host.Pool;
using Flotilla.Provisioner.Plans.Clusters;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Host.Health;

/// <summary>
/// Looks after this machine's running clusters: every second for processes that died, every ten for how the cluster says it is.
/// What keeps dying is started less and less often.
/// </summary>
internal sealed partial class ClusterWatchdog(
    MachineIdentity machine, ClusterSupervisor supervisor, ClusterLocks locks, IDbContextFactory<FleetDbContext> contexts, TimeProvider clock,
    ILogger<ClusterWatchdog> log) : BackgroundService
{
    private const int MaxParallel = 8;

    private static readonly TimeSpan RoundInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, ClusterCare> cares = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RoundInterval, clock);
        do
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogRoundFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        var clusters = await ReadAsync(null, cancellationToken);
        foreach (var gone in cares.Keys.Except(clusters.Select(cluster => cluster.Id))) { cares.TryRemove(gone, out _); }
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(clusters, parallel, async (cluster, token) => await LookAfterAsync(cluster, token));
    }

    private async Task LookAfterAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var care = cares.GetOrAdd(cluster.Id, _ => new());
        try
        {
            var now = clock.GetUtcNow();
            var dead = await supervisor.FindDeadAsync(cluster, cancellationToken);
            if (dead.Count > 0 && care.MayRestart(now)) { await RestartAsync(cluster.Id, care, cancellationToken); }
            if (!care.MustProbe(now, ProbeInterval, dead.Count > 0)) { return; }
            var health = await supervisor.ProbeAsync(cluster, cancellationToken);
            using var held = await locks.TryAcquireAsync(cluster.Id, cancellationToken);
            if (held is not null) { await supervisor.RecordAsync(cluster.Id, health, cancellationToken); }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogClusterFailed(cluster.Id, exception.Message);
        }
    }

    private async Task RestartAsync(string clusterId, ClusterCare care, CancellationToken cancellationToken)
    {
        using var held = await locks.TryAcquireAsync(clusterId, cancellationToken);
        // Read again under the lock: an operation may have stopped it on purpose.
        if (held is null || (await ReadAsync(clusterId, cancellationToken)).SingleOrDefault() is not { } cluster) { return; }
        var dead = await supervisor.FindDeadAsync(cluster, cancellationToken);
        if (dead.Count == 0) { return; }
        care.Restarted(clock.GetUtcNow());
        await supervisor.RestartAsync(cluster, dead, cancellationToken);
    }

    private async Task<List<Cluster>> ReadAsync(string? clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Clusters.AsNoTracking().Include(cluster => cluster.Nodes)
            .Where(cluster => cluster.MachineId == machine.Id
                && (clusterId == null || cluster.Id == clusterId)
                && (cluster.State == ClusterState.Ready || cluster.State == ClusterState.Degraded))
            .ToListAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "A round of the watchdog failed: {Reason}")]
    private partial void LogRoundFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "Cluster {Cluster} could not be looked after: {Reason}")]
    private partial void LogClusterFailed(string cluster, string reason);
}
