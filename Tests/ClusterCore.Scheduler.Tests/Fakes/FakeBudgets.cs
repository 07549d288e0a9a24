using Flotilla.ClusterCore.Scheduler.Preemption;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

internal sealed class FakeBudgets : IDisruptionBudgets
{
    public List<DisruptionBudget> Budgets { get; } = [];

    public IReadOnlyList<DisruptionBudget> All() => Budgets;
}
