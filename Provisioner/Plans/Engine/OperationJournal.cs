using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>An operation's rows in the fleet's database; each entry is a transaction that pages see at once.</summary>
internal sealed class OperationJournal(Guid operationId, IDbContextFactory<FleetDbContext> contexts, TimeProvider clock) : IPlanJournal, IDisposable
{
    private const int HistoryForEstimate = 5;

    // Parallel steps write the operation's progress too: one after the other.
    private readonly SemaphoreSlim turn = new(1);

    public async Task<Dictionary<string, StepState>> BeginAsync(OperationPlan plan, CancellationToken cancellationToken)
    {
        Dictionary<string, StepState> states = [];
        await WriteAsync(
            async (context, operation) =>
            {
                operation.State = OperationState.Running;
                operation.Attempts++;
                operation.StartedAt ??= clock.GetUtcNow();
                operation.EstimatedFinish ??= await EstimateAsync(context, operation, cancellationToken);
                foreach (var (position, step) in plan.Steps.Index())
                {
                    var row = RowOf(context, operation, step);
                    row.Position = position;
                    if (row.State is StepState.Running or StepState.Failed or StepState.Undone) { row.State = StepState.Pending; }
                    states[step.Name] = row.State;
                }
            },
            cancellationToken);
        return states;
    }

    public Task StartedAsync(PlanStep step, CancellationToken cancellationToken) => WriteStepAsync(
        step,
        row =>
        {
            row.State = StepState.Running;
            row.Attempts++;
            row.StartedAt ??= clock.GetUtcNow();
        },
        cancellationToken);

    public Task RetryingAsync(PlanStep step, StepError error, CancellationToken cancellationToken) => WriteStepAsync(
        step,
        row => SetError(row, error with { Fixer = ErrorFixer.Retrying }),
        cancellationToken);

    public Task SucceededAsync(PlanStep step, CancellationToken cancellationToken) => WriteStepAsync(
        step,
        row =>
        {
            row.State = StepState.Succeeded;
            row.FinishedAt = clock.GetUtcNow();
            SetError(row, null);
        },
        cancellationToken);

    public Task FailedAsync(PlanStep step, StepError error, CancellationToken cancellationToken) => WriteStepAsync(
        step,
        row =>
        {
            row.State = StepState.Failed;
            row.FinishedAt = clock.GetUtcNow();
            SetError(row, error);
        },
        cancellationToken);

    public Task UndoneAsync(PlanStep step, CancellationToken cancellationToken) =>
        WriteStepAsync(step, row => row.State = StepState.Undone, cancellationToken);

    /// <summary>Ends the operation together with what that means for its cluster.</summary>
    public Task FinishAsync(StepError? error, Action<Cluster> apply, CancellationToken cancellationToken) => WriteAsync(
        async (context, operation) =>
        {
            operation.State = error is null ? OperationState.Succeeded : OperationState.Failed;
            operation.FinishedAt = clock.GetUtcNow();
            (operation.ErrorCode, operation.ErrorMessage, operation.ErrorFixer) = (error?.Code, error?.Message, error?.Fixer);
            if (error is null) { operation.Progress = 100; }
            apply(await context.Clusters.Include(cluster => cluster.Nodes).SingleAsync(cluster => cluster.Id == operation.ClusterId, cancellationToken));
        },
        cancellationToken);

    public void Dispose() => turn.Dispose();

    private Task WriteStepAsync(PlanStep step, Action<OperationStep> change, CancellationToken cancellationToken) => WriteAsync(
        (context, operation) =>
        {
            change(RowOf(context, operation, step));
            operation.Progress = 100 * operation.Steps.Count(row => row.State == StepState.Succeeded) / operation.Steps.Count;
            return Task.CompletedTask;
        },
        cancellationToken);

    private async Task WriteAsync(Func<FleetDbContext, Operation, Task> change, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var operation = await context.Operations.Include(o => o.Steps).SingleAsync(o => o.Id == operationId, cancellationToken);
            if (operation.State == OperationState.Cancelled) { throw new OperationCanceledException(operation.ErrorMessage); }
            await change(context, operation);
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException exception)
        {
            throw new OperationCanceledException("The operation or its cluster was changed meanwhile.", exception);
        }
        finally
        {
            turn.Release();
        }
    }

    private static OperationStep RowOf(FleetDbContext context, Operation operation, PlanStep step)
    {
        if (operation.Steps.Find(row => row.Name == step.Name) is { } known) { return known; }
        var row = new OperationStep
        {
            OperationId = operation.Id,
            Name = step.Name,
            Title = step.Title,
            Needs = [.. step.Needs],
            Position = operation.Steps.Count,
        };
        context.OperationSteps.Add(row);
        if (!operation.Steps.Contains(row)) { operation.Steps.Add(row); }
        return row;
    }

    private static void SetError(OperationStep row, StepError? error) =>
        (row.ErrorCode, row.ErrorMessage, row.ErrorFixer) = (error?.Code, error?.Message, error?.Fixer);

    /// <summary>As long as the last few operations of the kind took on average; null where there was none.</summary>
    private async Task<DateTimeOffset?> EstimateAsync(FleetDbContext context, Operation operation, CancellationToken cancellationToken)
    {
        var earlier = await context.Operations
            .Where(o => o.Kind == operation.Kind && o.State == OperationState.Succeeded && o.StartedAt != null && o.FinishedAt != null)
            .OrderByDescending(o => o.FinishedAt)
            .Take(HistoryForEstimate)
            .Select(o => new { o.StartedAt, o.FinishedAt })
            .ToListAsync(cancellationToken);
        return earlier.Count == 0
            ? null
            : operation.StartedAt + TimeSpan.FromSeconds(earlier.Average(o => (o.FinishedAt - o.StartedAt)!.Value.TotalSeconds));
    }
}
