using System.Collections.Concurrent;
using System.Net;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Gateway;
using Flotilla.Provisioner.Host.Pool;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace Flotilla.Provisioner.Host.Routing;

/// <summary>Routes of the clusters on this machine, kept in memory and forgotten whenever a cluster changes.</summary>
internal sealed class FleetRoutes(
    MachineIdentity machine, FleetEvents events, ClusterWaker waker, IDbContextFactory<FleetDbContext> contexts) : BackgroundService, IClusterRoutes
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<IPEndPoint>> routes = new(StringComparer.OrdinalIgnoreCase);
    private long generation;

    public async ValueTask<IReadOnlyList<IPEndPoint>> FindAsync(string serverName, CancellationToken cancellationToken)
    {
        if (routes.TryGetValue(serverName, out var known)) { return known; }
        var seen = Interlocked.Read(ref generation);
        var cluster = await ReadAsync(serverName, cancellationToken);
        if (cluster is { State: ClusterState.Hibernated or ClusterState.Waking or ClusterState.Hibernating })
        {
            await waker.WakeAsync(cluster.Id, cancellationToken);
            cluster = await ReadAsync(serverName, cancellationToken);
        }
        var found = RoutesOf(cluster);
        // Not kept when a cluster changed while it was read, nor for names that nobody has: those may be many.
        if (found.Count > 0 && seen == Interlocked.Read(ref generation)) { routes[serverName] = found; }
        return found;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in events.SubscribeAsync(stoppingToken))
        {
            if (change.Entity is not (FleetEntity.Everything or FleetEntity.Cluster)) { continue; }
            Interlocked.Increment(ref generation);
            routes.Clear();
        }
    }

    /// <summary>Masters that are Ready first; the others after, as their record may be behind.</summary>
    internal static IReadOnlyList<IPEndPoint> RoutesOf(Cluster? cluster)
    {
        if (cluster is null or { DeletedAt: not null } or { Port: null } or { State: ClusterState.Hibernated }) { return []; }
        return
        [
            .. cluster.Nodes.Where(node => node.Role == NodeRole.Master)
                .OrderBy(node => node.State == NodeState.Ready ? 0 : 1).ThenBy(node => node.Index)
                .Select(node => new IPEndPoint(IPAddress.Loopback, cluster.Port.Value + node.Index)),
        ];
    }

    private async Task<Cluster?> ReadAsync(string serverName, CancellationToken cancellationToken)
    {
        var name = serverName.ToLowerInvariant();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Clusters.AsNoTracking().Include(cluster => cluster.Nodes).SingleOrDefaultAsync(
            cluster => cluster.ServerName == name && cluster.MachineId == machine.Id, cancellationToken);
    }
}
