using System.Linq.Expressions;
using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed class ClusterViews(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    /// <summary>Clusters there are, and deleted ones that can still be brought back.</summary>
    public Task<IReadOnlyList<ClusterView>> ListAsync(Actor actor, string? project, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return ReadAsync(
            actor,
            cluster => (project == null || cluster.Project!.Name == project) && (cluster.State != ClusterState.Deleted || cluster.PurgeAt > now),
            cancellationToken);
    }

    public async Task<ClusterView?> FindByIdAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        await ReadAsync(actor, cluster => cluster.Id == id, cancellationToken) is [var cluster] ? cluster : null;

    /// <summary>By id, or by name where that says which; a deleted cluster only when no other has its name.</summary>
    public async Task<Outcome<ClusterView>> FindAsync(Actor actor, string idOrName, string? project, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(
            actor,
            cluster => (cluster.Id == idOrName || cluster.Name == idOrName) && (project == null || cluster.Project!.Name == project),
            cancellationToken);
        return Choose(idOrName, found);
    }

    public async Task<IReadOnlyList<NodeView>> NodesAsync(string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var nodes = await context.ClusterNodes.AsNoTracking()
            .Where(node => node.ClusterId == clusterId)
            .OrderBy(node => node.Role).ThenBy(node => node.Index)
            .Select(node => new { Node = node, Machine = context.Machines.Where(m => m.Id == node.MachineId).Select(m => m.Name).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        return [.. nodes.Select(row => new NodeView(
            row.Node.Name, ApiWord.Of(row.Node.Role), ApiWord.Of(row.Node.State), row.Node.Address, row.Machine, row.Node.Message, row.Node.CreatedAt))];
    }

    internal static Outcome<ClusterView> Choose(string idOrName, IReadOnlyList<ClusterView> found)
    {
        if (found.FirstOrDefault(cluster => cluster.Id == idOrName) is { } byId) { return byId; }
        var alive = found.Where(cluster => cluster.State != "deleted").ToList();
        var candidates = alive.Count > 0 ? alive : [.. found.OrderByDescending(cluster => cluster.CreatedAt).Take(1)];
        return candidates switch
        {
            [var only] => only,
            [] => new FleetError("cluster.not-found", $"There is no cluster named {idOrName}."),
            _ => new FleetError(
                "cluster.ambiguous",
                $"Several projects have a cluster named {idOrName} ({string.Join(", ", candidates.Select(cluster => cluster.Project))}): say which project.",
                "project"),
        };
    }

    private async Task<IReadOnlyList<ClusterView>> ReadAsync(
        Actor actor, Expression<Func<Cluster, bool>> filter, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.ClustersOf(actor)
            .Where(cluster => cluster.PurgedAt == null)
            .Where(filter)
            .OrderBy(cluster => cluster.Project!.Name).ThenBy(cluster => cluster.Name).ThenBy(cluster => cluster.CreatedAt)
            .Select(cluster => new
            {
                Cluster = cluster,
                Project = cluster.Project!.Name,
                Gateway = cluster.Machine!.GatewayEndpoint,
                Ready = cluster.Nodes.Count(node => node.Role == NodeRole.Worker && node.State == NodeState.Ready),
                Operation = context.Operations.Where(operation => operation.ClusterId == cluster.Id)
                    .OrderByDescending(operation => operation.CreatedAt).FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => View(row.Cluster, row.Project, row.Gateway, row.Ready, row.Operation))];
    }

    private static ClusterView View(Cluster cluster, string project, string gateway, int ready, Operation? operation) => new(
        cluster.Id,
        cluster.Name,
        project,
        ApiWord.Of(cluster.Purpose),
        ApiWord.Of(cluster.State),
        cluster.Version,
        cluster.Masters,
        cluster.Workers,
        ready,
        cluster.CaCertificate is null ? null : $"https://{gateway}",
        cluster.ServerName,
        cluster.CreatedBy,
        cluster.CreatedAt,
        cluster.State is ClusterState.Deleted ? cluster.PurgeAt : null,
        operation is null ? null : OperationViews.Summary(operation));
}
