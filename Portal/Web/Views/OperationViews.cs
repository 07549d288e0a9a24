using System.Runtime.CompilerServices;
using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Operations;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed class OperationViews(IDbContextFactory<FleetDbContext> contexts, FleetEvents events)
{
    private const int NewestShown = 50;

    public async Task<OperationView?> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Visible(context, actor).SingleOrDefaultAsync(operation => operation.Id == id, cancellationToken) is { } operation
            ? View(operation)
            : null;
    }

    /// <summary>A cluster's operations, newest first.</summary>
    public async Task<IReadOnlyList<OperationView>> ListAsync(Actor actor, string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var operations = await Visible(context, actor)
            .Where(operation => operation.ClusterId == clusterId)
            .OrderByDescending(operation => operation.CreatedAt)
            .Take(NewestShown)
            .ToListAsync(cancellationToken);
        return [.. operations.Select(View)];
    }

    /// <summary>The operation now and after each change, until it is over; nothing when the actor may not see it.</summary>
    public async IAsyncEnumerable<OperationView> WatchAsync(
        Actor actor, Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var key = id.ToString();
        await foreach (var change in events.SubscribeAsync(cancellationToken))
        {
            if (change.Entity is not FleetEntity.Everything && (change.Entity is not FleetEntity.Operation || change.Id != key)) { continue; }
            if (await FindAsync(actor, id, cancellationToken) is not { } operation) { yield break; }
            yield return operation;
            if (operation.IsOver()) { yield break; }
        }
    }

    public static OperationSummary Summary(Operation operation) => new(
        operation.Id,
        ApiWord.Of(operation.Kind),
        ApiWord.Of(operation.State),
        operation.Progress,
        Error(operation.ErrorCode, operation.ErrorMessage, operation.ErrorFixer));

    private static IQueryable<Operation> Visible(FleetDbContext context, Actor actor) => context.Operations.AsNoTracking()
        .Include(operation => operation.Steps)
        .Include(operation => operation.Cluster!.Project)
        .Where(operation => context.ClustersOf(actor).Any(cluster => cluster.Id == operation.ClusterId));

    private static OperationView View(Operation operation) => new(
        operation.Id,
        ApiWord.Of(operation.Kind),
        operation.ClusterId,
        operation.Cluster!.Name,
        operation.Cluster.Project!.Name,
        ApiWord.Of(operation.State),
        operation.Progress,
        operation.RequestedBy,
        operation.CreatedAt,
        operation.StartedAt,
        operation.FinishedAt,
        operation.EstimatedFinish,
        Error(operation.ErrorCode, operation.ErrorMessage, operation.ErrorFixer),
        [.. operation.Steps.OrderBy(step => step.Position).Select(View)]);

    private static StepView View(OperationStep step) => new(
        step.Name,
        step.Title,
        ApiWord.Of(step.State),
        step.Attempts,
        step.StartedAt,
        step.FinishedAt,
        Error(step.ErrorCode, step.ErrorMessage, step.ErrorFixer));

    private static ErrorView? Error(string? code, string? message, ErrorFixer? fixer) =>
        message is null && code is null ? null : new(code ?? "", message ?? code!, ApiWord.Of(fixer ?? ErrorFixer.Operator));
}
