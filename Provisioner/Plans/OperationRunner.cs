using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Plans.Clusters;
using Flotilla.Provisioner.Plans.Engine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Plans;

/// <summary>
/// Carries one operation out, from wherever it was left. Throws only when it was cut off and must be run again; one that was
/// cancelled just ends.
/// </summary>
public sealed partial class OperationRunner
{
    private readonly IDbContextFactory<FleetDbContext> contexts;
    private readonly ClusterPlans plans;
    private readonly PlanRunner runner;
    private readonly ClusterLocks locks;
    private readonly TimeProvider clock;
    private readonly ILogger<OperationRunner> log;

    internal OperationRunner(
        IDbContextFactory<FleetDbContext> contexts, ClusterPlans plans, PlanRunner runner, ClusterLocks locks, TimeProvider clock,
        ILogger<OperationRunner> log) =>
        (this.contexts, this.plans, this.runner, this.locks, this.clock, this.log) = (contexts, plans, runner, locks, clock, log);

    public async Task RunAsync(Guid operationId, CancellationToken cancellationToken)
    {
        if (await FindUnfinishedAsync(operationId, cancellationToken) is not { } asked) { return; }
        using var held = await locks.AcquireAsync(asked.ClusterId, cancellationToken);
        // Read again: what was under way with the cluster until now may have changed it.
        if (await FindUnfinishedAsync(operationId, cancellationToken) is not { Cluster: { } cluster } operation) { return; }
        try
        {
            await CarryOutAsync(operation, cluster, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            if (!await IsCancelledAsync(operationId)) { throw; }
            LogFinished(operation.Kind, cluster.Id, operation.Id, "cancelled");
        }
    }

    private async Task CarryOutAsync(Operation operation, Cluster cluster, CancellationToken cancellationToken)
    {
        LogRunning(operation.Kind, cluster.Id, operation.Id);
        using var journal = new OperationJournal(operation.Id, contexts, clock);
        var purged = operation.Kind == OperationKind.PurgeCluster || (operation.Kind == OperationKind.DeleteCluster && plans.MustPurge(cluster));
        var error = await runner.RunAsync(plans.For(operation, cluster), journal, cancellationToken);
        await journal.FinishAsync(
            error, changed => OperationEnd.Apply(changed, operation.Kind, error is null, purged, clock.GetUtcNow()), cancellationToken);
        LogFinished(operation.Kind, cluster.Id, operation.Id, error?.Message ?? "done");
    }

    private async Task<Operation?> FindUnfinishedAsync(Guid operationId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Operations.AsNoTracking()
            .Include(operation => operation.Cluster!).ThenInclude(cluster => cluster.Nodes)
            .SingleOrDefaultAsync(
                operation => operation.Id == operationId
                    && (operation.State == OperationState.Pending || operation.State == OperationState.Running),
                cancellationToken);
    }

    private async Task<bool> IsCancelledAsync(Guid operationId)
    {
        await using var context = await contexts.CreateDbContextAsync();
        return await context.Operations.AnyAsync(operation => operation.Id == operationId && operation.State == OperationState.Cancelled);
    }

    [LoggerMessage(LogLevel.Information, "{Kind} of cluster {Cluster} runs (operation {Operation})")]
    private partial void LogRunning(OperationKind kind, string cluster, Guid operation);

    [LoggerMessage(LogLevel.Information, "{Kind} of cluster {Cluster} ended (operation {Operation}): {Result}")]
    private partial void LogFinished(OperationKind kind, string cluster, Guid operation, string result);
}
