using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Preemption;

/// <param name="Allowed">How many more pods may be disrupted now.</param>
/// <param name="AlreadyCounted">Pods whose disruption the budget has been charged for.</param>
internal sealed record DisruptionBudget(string Namespace, PodSelector Selector, int Allowed, IReadOnlySet<string> AlreadyCounted);

internal interface IDisruptionBudgets
{
    IReadOnlyList<DisruptionBudget> All();
}
