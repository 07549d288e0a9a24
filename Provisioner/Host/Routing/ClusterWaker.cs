using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Host.Routing;

/// <summary>Wakes a hibernated cluster for a connection that waits for it.</summary>
internal sealed class ClusterWaker(ClusterCommands commands, FleetEvents events, IDbContextFactory<FleetDbContext> contexts)
{
    /// <summary>Returns when the cluster is awake, or when it turns out that it will not be.</summary>
    public async Task WakeAsync(string clusterId, CancellationToken cancellationToken)
    {
        await foreach (var change in events.SubscribeAsync(cancellationToken))
        {
            if (change.Entity != FleetEntity.Everything && change.ClusterId != clusterId) { continue; }
            switch (await StateAsync(clusterId, cancellationToken))
            {
                case ClusterState.Hibernated:
                    // Refused when someone else wakes it already: its change is what we wait for then.
                    await commands.WakeAsync(clusterId, Actor.System, cancellationToken);
                    break;
                case ClusterState.Hibernating or ClusterState.Waking:
                    break;
                default:
                    return;
            }
        }
    }

    private async Task<ClusterState?> StateAsync(string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Clusters.Where(cluster => cluster.Id == clusterId)
            .Select(cluster => (ClusterState?)cluster.State).SingleOrDefaultAsync(cancellationToken);
    }
}
