using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Preemption;

/// <summary>Which of some pods could not all go without breaking a disruption budget.</summary>
internal static class BudgetSplit
{
    public static (List<PodInfo> Violating, List<PodInfo> Free) Of(IEnumerable<PodInfo> pods, IReadOnlyList<DisruptionBudget> budgets)
    {
        var left = budgets.Select(budget => budget.Allowed).ToArray();
        var (violating, free) = (new List<PodInfo>(), new List<PodInfo>());
        foreach (var pod in pods) { (Charge(pod) ? violating : free).Add(pod); }
        return (violating, free);

        bool Charge(PodInfo pod)
        {
            var violated = false;
            for (var index = 0; index < budgets.Count; index++)
            {
                var budget = budgets[index];
                // A budget with an empty selector protects nothing; one that was charged for this pod is not charged again.
                if (budget.Namespace != pod.Namespace || pod.Labels.Count == 0 || budget.Selector.MatchesEverything
                    || !budget.Selector.Matches(pod.Labels) || budget.AlreadyCounted.Contains(pod.Name))
                {
                    continue;
                }
                violated |= --left[index] < 0;
            }
            return violated;
        }
    }
}
