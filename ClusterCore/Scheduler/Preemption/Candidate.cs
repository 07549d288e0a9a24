using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Preemption;

/// <summary>A node where the pod would fit without these victims, the most important first.</summary>
internal sealed record Candidate(NodeInfo Node, IReadOnlyList<PodInfo> Victims, int BudgetViolations)
{
    /// <summary>The node whose loss hurts least: by budgets, by the highest priority, by priorities in all, by number, by age.</summary>
    public static Candidate Best(IReadOnlyList<Candidate> candidates) => candidates
        .OrderBy(one => one.BudgetViolations)
        .ThenBy(one => one.Victims.Count == 0 ? int.MinValue : one.Victims[0].Priority)
        // Shifted so that a negative priority still counts as a victim more.
        .ThenBy(one => one.Victims.Sum(victim => victim.Priority + (long)int.MaxValue + 1))
        .ThenBy(one => one.Victims.Count)
        .ThenByDescending(EarliestStartOfHighest)
        .First();

    private static DateTimeOffset EarliestStartOfHighest(Candidate candidate) => candidate.Victims.Count == 0
        ? DateTimeOffset.MaxValue
        : candidate.Victims.Where(victim => victim.Priority == candidate.Victims[0].Priority).Min(victim => victim.StartTime);
}
