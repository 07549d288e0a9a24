using Flotilla.ClusterCore.Client;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Machines;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>Keeps a cluster that is meant to run running: starts again what died, and writes down how it is.</summary>
public sealed partial class ClusterSupervisor
{
    private readonly Masters masters;
    private readonly Workers workers;
    private readonly IMachine machine;
    private readonly ClusterApis apis;
    private readonly IDbContextFactory<FleetDbContext> contexts;
    private readonly TimeProvider clock;
    private readonly ILogger<ClusterSupervisor> log;

    internal ClusterSupervisor(
        Masters masters, Workers workers, IMachine machine, ClusterApis apis, IDbContextFactory<FleetDbContext> contexts, TimeProvider clock,
        ILogger<ClusterSupervisor> log) =>
        (this.masters, this.workers, this.machine, this.apis, this.contexts, this.clock, this.log) =
        (masters, workers, machine, apis, contexts, clock, log);

    /// <summary>What of the cluster does not run: a look at process records, cheap enough for every second.</summary>
    public async Task<IReadOnlyList<ClusterNode>> FindDeadAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        List<ClusterNode> dead = [];
        foreach (var node in cluster.Nodes.OrderBy(node => node.Role).ThenBy(node => node.Index))
        {
            var isRunning = node.Role == NodeRole.Master
                ? await masters.IsRunningAsync(cluster, node.Index, cancellationToken)
                : await machine.IsNodeRunningAsync(new(cluster.Id, node.Name), cancellationToken);
            if (!isRunning) { dead.Add(node); }
        }
        return dead;
    }

    /// <summary>Masters before nodes. The network is made sure of as well: a reboot takes it along.</summary>
    public async Task RestartAsync(Cluster cluster, IReadOnlyList<ClusterNode> dead, CancellationToken cancellationToken)
    {
        await machine.EnsureClusterNetworkAsync(ClusterRecords.NetworkOf(cluster), cancellationToken);
        foreach (var node in dead)
        {
            LogRestarting(node.Name, cluster.Id);
            await (node.Role == NodeRole.Master
                ? masters.StartAsync(cluster, node.Index, cancellationToken)
                : workers.StartAsync(cluster, node.Index, cancellationToken));
        }
    }

    public async Task<ClusterHealth> ProbeAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var mastersUp = new HashSet<string>(StringComparer.Ordinal);
        var nodesReady = new HashSet<string>(StringComparer.Ordinal);
        foreach (var master in cluster.Nodes.Where(node => node.Role == NodeRole.Master))
        {
            using var api = apis.Connect(cluster, master.Index);
            if (!await api.IsReadyAsync(clock, cancellationToken)) { continue; }
            if (mastersUp.Add(master.Name) && mastersUp.Count == 1) { nodesReady.UnionWith(await ReadyNodesAsync(api.Client, cancellationToken)); }
        }
        return new(mastersUp, nodesReady);
    }

    public async Task RecordAsync(string clusterId, ClusterHealth health, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await context.Clusters.Include(c => c.Nodes).SingleAsync(c => c.Id == clusterId, cancellationToken);
        health.Apply(cluster, clock.GetUtcNow());
        await context.SaveChangesAsync(cancellationToken);
    }

    private static async Task<IEnumerable<string>> ReadyNodesAsync(ApiClient client, CancellationToken cancellationToken)
    {
        var nodes = await client.ListAsync(Kinds.Nodes, null, cancellationToken);
        return nodes.Value?.Items.Where(Workers.IsReady).Select(node => node.Metadata.Name) ?? [];
    }

    [LoggerMessage(LogLevel.Warning, "{Node} of cluster {Cluster} has died and is started again")]
    private partial void LogRestarting(string node, string cluster);
}
