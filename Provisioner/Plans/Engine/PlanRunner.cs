using Flotilla.Provisioner.Fleet.Operations;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>
/// Runs a plan to its end: starts every step whose needs are done, a few at a time; after a failure starts nothing more and,
/// where the plan says so, takes back what was made.
/// </summary>
public sealed partial class PlanRunner(StepRunner steps, ILogger<PlanRunner> log)
{
    private const int MaxParallel = 8;

    /// <returns>Null when all is done, else the first error.</returns>
    public async Task<StepError?> RunAsync(OperationPlan plan, IPlanJournal journal, CancellationToken cancellationToken)
    {
        var states = await journal.BeginAsync(plan, cancellationToken);
        var error = await RunStepsAsync(plan, journal, states, cancellationToken);
        if (error is not null && plan.UndoOnFailure) { await UndoAsync(plan, journal, states, cancellationToken); }
        return error;
    }

    private async Task<StepError?> RunStepsAsync(
        OperationPlan plan, IPlanJournal journal, Dictionary<string, StepState> states, CancellationToken cancellationToken)
    {
        StepError? error = null;
        var running = new List<Task<EndedStep>>();
        while (true)
        {
            if (error is null)
            {
                foreach (var step in plan.Ready(states).Take(MaxParallel - running.Count).ToList())
                {
                    states[step.Name] = StepState.Running;
                    running.Add(RunStepAsync(step, journal, cancellationToken));
                }
            }
            if (running.Count == 0) { return error; }

            var first = await Task.WhenAny(running);
            running.Remove(first);
            var ended = await EndAsync(first, running);
            states[ended.Step.Name] = ended.Error is null ? StepState.Succeeded : StepState.Failed;
            error ??= ended.Error;
        }
    }

    private async Task<EndedStep> RunStepAsync(PlanStep step, IPlanJournal journal, CancellationToken cancellationToken) =>
        new(step, await steps.RunAsync(step, journal, cancellationToken));

    // A step throws only when the whole run is cut off; nothing of it may go on behind our back then.
    private static async Task<EndedStep> EndAsync(Task<EndedStep> ended, IEnumerable<Task> others)
    {
        try
        {
            return await ended;
        }
        catch
        {
            await Task.WhenAll(others).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    private async Task UndoAsync(
        OperationPlan plan, IPlanJournal journal, Dictionary<string, StepState> states, CancellationToken cancellationToken)
    {
        foreach (var step in plan.ToUndo(states))
        {
            try
            {
                await step.UndoAsync!(cancellationToken);
                await journal.UndoneAsync(step, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The others are still taken back; deleting the cluster tries this one again.
                LogUndoFailed(step.Name, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Step {Step} could not be taken back")]
    private partial void LogUndoFailed(string step, Exception exception);

    private sealed record EndedStep(PlanStep Step, StepError? Error);
}
