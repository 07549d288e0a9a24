using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>How many of a budget's pods may be evicted now.</summary>
internal sealed record DisruptionPlan(PodDisruptionBudgetStatus Status, TimeSpan? RequeueAfter)
{
    /// <summary>An eviction that was allowed but has not shown its effect after this long did not happen.</summary>
    private static readonly TimeSpan EvictionTakesAtMost = TimeSpan.FromMinutes(2);

    /// <param name="scale">What the pods' controllers are meant to run, together; null where that cannot be known.</param>
    public static DisruptionPlan Compute(PodDisruptionBudget budget, IReadOnlyList<Pod> pods, int? scale, DateTimeOffset now)
    {
        var (expected, desired) = Expected(budget, pods.Count, scale);
        var disrupted = (budget.Status.DisruptedPods ?? new Dictionary<string, DateTimeOffset>())
            .Where(entry => entry.Value + EvictionTakesAtMost > now
                && pods.Any(pod => pod.Metadata.Name == entry.Key && !pod.IsTerminating()))
            .ToDictionary(StringComparer.Ordinal);
        var healthy = pods.Count(pod => pod.IsReady() && !pod.IsTerminating() && !disrupted.ContainsKey(pod.Metadata.Name));
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        var status = budget.Status with
        {
            ObservedGeneration = budget.Metadata.Generation,
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            ExpectedPods = expected,
            DisruptionsAllowed = allowed,
            DisruptedPods = disrupted.Count == 0 ? null : disrupted,
            Conditions = Conditions(budget, allowed, now),
        };
        return new(status, disrupted.Count == 0 ? null : disrupted.Values.Min() + EvictionTakesAtMost - now);
    }

    private static (int Expected, int Desired) Expected(PodDisruptionBudget budget, int present, int? scale)
    {
        if (budget.Spec.MaxUnavailable is { } unavailable)
        {
            var expected = scale ?? present;
            return (expected, Math.Max(0, expected - (unavailable.Scale(expected, roundUp: true) ?? 0)));
        }
        if (budget.Spec.MinAvailable is { Text: not null } share)
        {
            var expected = scale ?? present;
            return (expected, share.Scale(expected, roundUp: true) ?? 0);
        }
        return (present, budget.Spec.MinAvailable?.Number ?? 1);
    }

    private static Condition[] Conditions(PodDisruptionBudget budget, int allowed, DateTimeOffset now)
    {
        var (status, reason) = allowed > 0 ? ("True", "SufficientPods") : ("False", "InsufficientPods");
        var before = budget.Status.Conditions ?? [];
        var known = Array.Find(before, condition => condition.Type == "DisruptionAllowed");
        var condition = new Condition
        {
            Type = "DisruptionAllowed",
            Status = status,
            Reason = reason,
            Message = "",
            ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = known?.Status == status ? known.LastTransitionTime : now,
        };
        return [.. before.Where(other => other.Type != "DisruptionAllowed"), condition];
    }
}
