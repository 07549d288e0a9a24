using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Machines.Networks;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>What steps read and write of a cluster in the fleet's database.</summary>
internal sealed class ClusterRecords(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    public async Task<Cluster> ReadAsync(string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Clusters.AsNoTracking().Include(cluster => cluster.Nodes)
            .SingleAsync(cluster => cluster.Id == clusterId, cancellationToken);
    }

    public async Task SetNodeAsync(
        string clusterId, string name, NodeState state, CancellationToken cancellationToken, string? address = null, string? message = null)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await ReadTrackedAsync(context, clusterId, cancellationToken);
        if (cluster.Nodes.Find(node => node.Name == name) is not { } node) { return; }
        if (node.State != state) { node.StateChangedAt = clock.GetUtcNow(); }
        (node.State, node.Message, node.Address) = (state, message, address ?? node.Address);
        await context.SaveChangesAsync(cancellationToken);
    }

    public async Task AddNodeAsync(string clusterId, NodeRole role, int index, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await ReadTrackedAsync(context, clusterId, cancellationToken);
        AddNode(cluster, role, index);
        await context.SaveChangesAsync(cancellationToken);
    }

    public async Task RemoveNodeAsync(string clusterId, string name, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await ReadTrackedAsync(context, clusterId, cancellationToken);
        if (cluster.Nodes.Find(node => node.Name == name) is not { } node) { return; }
        context.ClusterNodes.Remove(node);
        await context.SaveChangesAsync(cancellationToken);
    }

    public static void AddNode(Cluster cluster, NodeRole role, int index, DateTimeOffset now)
    {
        var name = role == NodeRole.Master ? ClusterRules.MasterName(index) : ClusterRules.WorkerName(index);
        if (cluster.Nodes.Exists(node => node.Name == name)) { return; }
        cluster.Nodes.Add(new() { ClusterId = cluster.Id, Name = name, Role = role, Index = index, MachineId = cluster.MachineId, CreatedAt = now });
    }

    public static ClusterNetwork NetworkOf(Cluster cluster) => new(
        cluster.Id,
        cluster.NetworkIndex ?? throw new InvalidOperationException($"Cluster {cluster.Id} has no network yet."),
        cluster.Port ?? throw new InvalidOperationException($"Cluster {cluster.Id} has no port yet."))
    {
        ApiServers = cluster.Masters,
    };

    private void AddNode(Cluster cluster, NodeRole role, int index) => AddNode(cluster, role, index, clock.GetUtcNow());

    private static Task<Cluster> ReadTrackedAsync(FleetDbContext context, string clusterId, CancellationToken cancellationToken) =>
        context.Clusters.Include(cluster => cluster.Nodes).SingleAsync(cluster => cluster.Id == clusterId, cancellationToken);
}
