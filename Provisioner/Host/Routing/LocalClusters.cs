using Flotilla.ClusterCore.Client;
using Flotilla.Provisioner.Alerts.Watching;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Host.Pool;
using Flotilla.Provisioner.Plans.Clusters;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Host.Routing;

/// <summary>The running clusters of this machine.</summary>
internal sealed class LocalClusters(MachineIdentity machine, ClusterApis apis, IDbContextFactory<FleetDbContext> contexts) : IClusterConnections
{
    public async Task<IReadOnlyList<Cluster>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Clusters.AsNoTracking()
            .Where(cluster => cluster.MachineId == machine.Id
                && (cluster.State == ClusterState.Ready || cluster.State == ClusterState.Degraded || cluster.State == ClusterState.Scaling))
            .ToListAsync(cancellationToken);
    }

    public ApiClient Connect(Cluster cluster) => apis.CreateClient(cluster);
}
