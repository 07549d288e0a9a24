using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Plans.Engine;

namespace Flotilla.Provisioner.Plans.Tests.Engine;

internal sealed class MemoryJournal : IPlanJournal
{
    public Dictionary<string, StepState> States { get; } = [];

    public List<string> Entries { get; } = [];

    public Task<Dictionary<string, StepState>> BeginAsync(OperationPlan plan, CancellationToken cancellationToken)
    {
        foreach (var step in plan.Steps)
        {
            if (States.GetValueOrDefault(step.Name) != StepState.Succeeded) { States[step.Name] = StepState.Pending; }
        }
        return Task.FromResult(new Dictionary<string, StepState>(States));
    }

    public Task StartedAsync(PlanStep step, CancellationToken cancellationToken) => Write(step, StepState.Running, $"started {step.Name}");

    public Task RetryingAsync(PlanStep step, StepError error, CancellationToken cancellationToken) =>
        Write(step, StepState.Running, $"retrying {step.Name} {error.Code}");

    public Task SucceededAsync(PlanStep step, CancellationToken cancellationToken) => Write(step, StepState.Succeeded, $"succeeded {step.Name}");

    public Task FailedAsync(PlanStep step, StepError error, CancellationToken cancellationToken) =>
        Write(step, StepState.Failed, $"failed {step.Name} {error.Code}");

    public Task UndoneAsync(PlanStep step, CancellationToken cancellationToken) => Write(step, StepState.Undone, $"undone {step.Name}");

    private Task Write(PlanStep step, StepState state, string entry)
    {
        lock (Entries)
        {
            States[step.Name] = state;
            Entries.Add(entry);
        }
        return Task.CompletedTask;
    }
}
