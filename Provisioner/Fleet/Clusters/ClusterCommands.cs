using Flotilla.Provisioner.Fleet.Audit;
using Flotilla.Provisioner.Fleet.Machines;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Schema;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Flotilla.Provisioner.Fleet.Clusters;

public sealed record NewCluster(Guid ProjectId, string Name, ClusterPurpose Purpose, int Workers);

/// <summary>The operation that was written down, to be followed until it is done.</summary>
public sealed record StartedOperation(string ClusterId, Guid OperationId);

/// <summary>
/// What users want of clusters: each command checks the rules and writes desired state and an operation in one transaction.
/// The provisioner of the cluster's machine does the rest.
/// </summary>
public sealed class ClusterCommands(IDbContextFactory<FleetDbContext> contexts, IOptions<FleetOptions> options, TimeProvider clock)
{
    private const int Attempts = 5;

    public async Task<Outcome<StartedOperation>> CreateAsync(NewCluster wanted, Actor actor, CancellationToken cancellationToken)
    {
        if (ResourceNames.Validate(wanted.Name) is { } invalid) { return invalid; }
        if (ClusterRules.ValidateWorkers(wanted.Workers) is { } tooMany) { return tooMany; }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ProjectAccess.CheckAsync(context, wanted.ProjectId, actor, ProjectRole.Developer, cancellationToken) is { } refused) { return refused; }
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockPlacementAsync(cancellationToken);
        if (await NameTakenAsync(context, wanted.ProjectId, wanted.Name, cancellationToken)) { return NameTaken(wanted.Name); }
        if (await CheckQuotaAsync(context, wanted.ProjectId, null, wanted.Workers, cancellationToken) is { } overQuota) { return overQuota; }
        var masters = ClusterRules.Masters(wanted.Purpose);
        var machine = await context.FindRoomAsync(masters + wanted.Workers, clock.GetUtcNow() - options.Value.MachineTimeout, cancellationToken);
        if (machine is null) { return Placement.NoRoom; }

        var cluster = NewCluster(wanted, masters, machine, actor);
        context.Clusters.Add(cluster);
        var operation = Start(context, cluster, OperationKind.CreateCluster, actor);
        if (!await context.TrySaveAsync(cancellationToken)) { return NameTaken(wanted.Name); }
        await transaction.CommitAsync(cancellationToken);
        return operation;
    }

    /// <summary>
    /// Stops everything of the cluster, cancelling what else is under way with it.
    /// Its data stays for <see cref="FleetOptions.DeletionGrace"/>, or goes at once with <paramref name="now"/>.
    /// </summary>
    /// <param name="confirmName">The cluster's name, typed by the user.</param>
    public Task<Outcome<StartedOperation>> DeleteAsync(
        string clusterId, string confirmName, bool now, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(clusterId, OperationKind.DeleteCluster, actor, cluster =>
        {
            if (confirmName != cluster.Name) { return new("name.mismatch", "Type the cluster's name to delete it.", "confirmName"); }
            if (cluster.Protected) { return new("cluster.protected", "The cluster is protected from deletion; take the protection off first."); }
            cluster.State = ClusterState.Deleting;
            cluster.PurgeAt = clock.GetUtcNow() + (now ? TimeSpan.Zero : options.Value.DeletionGrace);
            return null;
        }, cancellationToken);

    public async Task<Outcome<StartedOperation>> UndeleteAsync(string clusterId, Actor actor, CancellationToken cancellationToken) =>
        await ChangeAsync(clusterId, OperationKind.UndeleteCluster, actor, cluster =>
        {
            if (cluster.PurgeAt <= clock.GetUtcNow()) { return new("cluster.purged", "The cluster's data is being removed; it is too late."); }
            cluster.State = ClusterState.Undeleting;
            (cluster.DeletedAt, cluster.PurgeAt) = (null, null);
            return null;
        }, cancellationToken, growsTo: cluster => cluster.Workers);

    public async Task<Outcome<StartedOperation>> ScaleAsync(string clusterId, int workers, Actor actor, CancellationToken cancellationToken)
    {
        if (ClusterRules.ValidateWorkers(workers) is { } invalid) { return invalid; }
        return await ChangeAsync(clusterId, OperationKind.ScaleCluster, actor, cluster =>
        {
            if (cluster.Workers == workers) { return new("workers.same", $"The cluster already has {workers} workers.", "workers"); }
            cluster.State = ClusterState.Scaling;
            cluster.Workers = workers;
            return null;
        }, cancellationToken, growsTo: _ => workers);
    }

    /// <summary>Makes again whatever of the cluster is not running, and retries what failed.</summary>
    public Task<Outcome<StartedOperation>> RepairAsync(string clusterId, Actor actor, CancellationToken cancellationToken) =>
        SetStateAsync(clusterId, OperationKind.RepairCluster, ClusterState.Repairing, actor, cancellationToken);

    public Task<Outcome<StartedOperation>> HibernateAsync(string clusterId, Actor actor, CancellationToken cancellationToken) =>
        SetStateAsync(clusterId, OperationKind.HibernateCluster, ClusterState.Hibernating, actor, cancellationToken);

    public Task<Outcome<StartedOperation>> WakeAsync(string clusterId, Actor actor, CancellationToken cancellationToken) =>
        SetStateAsync(clusterId, OperationKind.WakeCluster, ClusterState.Waking, actor, cancellationToken);

    /// <summary>Removes a deleted cluster's data for good: the end of its grace, or by request before it.</summary>
    public Task<Outcome<StartedOperation>> PurgeAsync(string clusterId, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(clusterId, OperationKind.PurgeCluster, actor, cluster =>
        {
            cluster.PurgeAt = clock.GetUtcNow();
            return null;
        }, cancellationToken);

    public async Task<Outcome<Cluster>> ProtectAsync(string clusterId, bool isProtected, Actor actor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Clusters.FindAsync([clusterId], cancellationToken) is not { } cluster) { return NotFound; }
        if (await ProjectAccess.CheckAsync(context, cluster.ProjectId, actor, ProjectRole.Admin, cancellationToken) is { } refused) { return Hide(refused); }
        cluster.Protected = isProtected;
        context.Audit(actor, clock, isProtected ? "cluster.protect" : "cluster.unprotect", cluster.Name, cluster.ProjectId);
        return await context.TrySaveAsync(cancellationToken) ? cluster : Busy;
    }

    private Task<Outcome<StartedOperation>> SetStateAsync(
        string clusterId, OperationKind kind, ClusterState state, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(clusterId, kind, actor, cluster =>
        {
            cluster.State = state;
            return null;
        }, cancellationToken);

    /// <summary>
    /// The way of every change: find, check the role, the state, the rule (<paramref name="change"/>) and room; write both.
    /// Who loses a race against the provisioner, which writes what it sees of the cluster, decides again on what is there then.
    /// </summary>
    private async Task<Outcome<StartedOperation>> ChangeAsync(
        string clusterId, OperationKind kind, Actor actor, Func<Cluster, FleetError?> change, CancellationToken cancellationToken,
        Func<Cluster, int>? growsTo = null)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await TryChangeAsync(clusterId, kind, actor, change, growsTo, cancellationToken) is { } outcome) { return outcome; }
        }
        return Busy;
    }

    /// <summary>Null when somebody else wrote the cluster or its operation first.</summary>
    private async Task<Outcome<StartedOperation>?> TryChangeAsync(
        string clusterId, OperationKind kind, Actor actor, Func<Cluster, FleetError?> change, Func<Cluster, int>? growsTo, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockPlacementAsync(cancellationToken);
        var cluster = await context.Clusters.Include(c => c.Machine).SingleOrDefaultAsync(c => c.Id == clusterId, cancellationToken);
        if (cluster is null) { return NotFound; }
        if (await ProjectAccess.CheckAsync(context, cluster.ProjectId, actor, ProjectRole.Developer, cancellationToken) is { } refused) { return Hide(refused); }
        var unfinished = await UnfinishedOperationAsync(context, clusterId, cancellationToken);
        if (unfinished is not null && !ClusterRules.Cancels(kind, unfinished.Kind)) { return Busy; }
        if (ClusterRules.CheckState(cluster, kind) is { } wrongState) { return wrongState; }
        if (growsTo is not null && await CheckGrowthAsync(context, cluster, growsTo(cluster), kind, cancellationToken) is { } noRoom) { return noRoom; }
        if (change(cluster) is { } error) { return error; }

        // Saved on its own: the new operation may be written only when the old one is no longer under way.
        unfinished?.Cancel($"{actor.Name} asked for the cluster to be deleted.", clock.GetUtcNow());
        if (unfinished is not null && !await context.TrySaveAsync(cancellationToken)) { return null; }
        var operation = Start(context, cluster, kind, actor);
        if (!await context.TrySaveAsync(cancellationToken)) { return null; }
        await transaction.CommitAsync(cancellationToken);
        return operation;
    }

    private static async Task<FleetError?> CheckGrowthAsync(
        FleetDbContext context, Cluster cluster, int workers, OperationKind kind, CancellationToken cancellationToken)
    {
        if (kind == OperationKind.UndeleteCluster && await NameTakenAsync(context, cluster.ProjectId, cluster.Name, cancellationToken))
        {
            return new("name.taken", $"Another cluster of the project is named {cluster.Name} now.", "name");
        }
        if (await CheckQuotaAsync(context, cluster.ProjectId, cluster.Id, workers, cancellationToken) is { } overQuota) { return overQuota; }
        var used = await context.UsedAsync(cluster.MachineId, exceptClusterId: cluster.Id, cancellationToken);
        return used + cluster.Masters + workers > cluster.Machine!.Capacity ? Placement.NoRoom : null;
    }

    private static async Task<FleetError?> CheckQuotaAsync(
        FleetDbContext context, Guid projectId, string? exceptClusterId, int workers, CancellationToken cancellationToken)
    {
        var others = await context.Clusters
            .Where(cluster => cluster.ProjectId == projectId && cluster.Id != exceptClusterId && cluster.DeletedAt == null)
            .Select(cluster => cluster.Workers)
            .ToListAsync(cancellationToken);
        var quota = await context.Set<Quota>().SingleAsync(q => q.ProjectId == projectId, cancellationToken);
        return ClusterRules.CheckQuota(quota, others.Count, others.Sum(), workers);
    }

    private static Task<bool> NameTakenAsync(FleetDbContext context, Guid projectId, string name, CancellationToken cancellationToken) =>
        context.Clusters.AnyAsync(
            cluster => cluster.ProjectId == projectId && cluster.Name == name && cluster.DeletedAt == null, cancellationToken);

    private static Task<Operation?> UnfinishedOperationAsync(FleetDbContext context, string clusterId, CancellationToken cancellationToken) =>
        context.Operations.Include(o => o.Steps).SingleOrDefaultAsync(
            o => o.ClusterId == clusterId && (o.State == OperationState.Pending || o.State == OperationState.Running), cancellationToken);

    private Cluster NewCluster(NewCluster wanted, int masters, Machine machine, Actor actor)
    {
        var id = ClusterRules.NewId();
        return new()
        {
            Id = id,
            ProjectId = wanted.ProjectId,
            Name = wanted.Name,
            Purpose = wanted.Purpose,
            Masters = masters,
            Workers = wanted.Workers,
            Version = ClusterRules.Version,
            State = ClusterState.Creating,
            MachineId = machine.Id,
            ServerName = $"{id}.clusters.{options.Value.Domain}",
            CreatedBy = actor.Name,
            CreatedAt = clock.GetUtcNow(),
        };
    }

    private StartedOperation Start(FleetDbContext context, Cluster cluster, OperationKind kind, Actor actor)
    {
        var operation = new Operation
        {
            Kind = kind,
            ClusterId = cluster.Id,
            ProjectId = cluster.ProjectId,
            MachineId = cluster.MachineId,
            RequestedBy = actor.Name,
            CreatedAt = clock.GetUtcNow(),
        };
        context.Operations.Add(operation);
        context.Audit(actor, clock, $"cluster.{kind.ToString().Replace("Cluster", "").ToLowerInvariant()}", cluster.Name, cluster.ProjectId);
        return new(cluster.Id, operation.Id);
    }

    private static FleetError NotFound { get; } = new("cluster.not-found", "There is no such cluster.");

    private static FleetError Busy { get; } = new("cluster.busy", "Another operation of the cluster is under way; wait until it is done.");

    // Who may not see the project must not learn that the cluster is there.
    private static FleetError Hide(FleetError error) => error == ProjectAccess.NotFound ? NotFound : error;

    private static FleetError NameTaken(string name) => new("name.taken", $"There already is a cluster named {name} in the project.", "name");
}
