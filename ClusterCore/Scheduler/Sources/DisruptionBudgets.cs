using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Preemption;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Sources;

internal sealed class DisruptionBudgets(Informer<PodDisruptionBudget> budgets) : IDisruptionBudgets
{
    public IReadOnlyList<DisruptionBudget> All() => Array.ConvertAll(budgets.List(), budget => new DisruptionBudget(
        budget.Metadata.Namespace ?? "",
        SelectorParser.ToPodSelector(budget.Spec?.Selector),
        budget.Status?.DisruptionsAllowed ?? 0,
        (budget.Status?.DisruptedPods?.Keys ?? []).ToHashSet(StringComparer.Ordinal)));
}
