using Flotilla.Provisioner.Fleet.Operations;

namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>The steps of an operation as a graph: what needs nothing from each other runs at the same time.</summary>
public sealed class OperationPlan
{
    /// <exception cref="ArgumentException">Two steps of one name, a need that is not a step before it.</exception>
    /// <param name="steps">In an order in which they could run one by one: a step needs only steps before it, so there is no cycle.</param>
    public OperationPlan(IReadOnlyList<PlanStep> steps)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (step.Needs.FirstOrDefault(need => !names.Contains(need)) is { } missing)
            {
                throw new ArgumentException($"Step {step.Name} needs {missing}, which is not a step before it.", nameof(steps));
            }
            if (!names.Add(step.Name)) { throw new ArgumentException($"Two steps are named {step.Name}.", nameof(steps)); }
        }
        Steps = steps;
    }

    public IReadOnlyList<PlanStep> Steps { get; }

    /// <summary>When a step gives up, take back what was made, last first.</summary>
    public bool UndoOnFailure { get; init; }

    /// <summary>The steps that can start now.</summary>
    public IEnumerable<PlanStep> Ready(IReadOnlyDictionary<string, StepState> states) => Steps.Where(step =>
        states[step.Name] == StepState.Pending && step.Needs.All(need => states[need] == StepState.Succeeded));

    /// <summary>The steps to take back, in order: the latest first, those that never started left out.</summary>
    public IEnumerable<PlanStep> ToUndo(IReadOnlyDictionary<string, StepState> states) => Steps.Reverse().Where(step =>
        step.UndoAsync is not null && states[step.Name] is StepState.Succeeded or StepState.Failed or StepState.Running);
}
