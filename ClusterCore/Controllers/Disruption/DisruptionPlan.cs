using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>What the controllers of a budget's pods are meant to run, together.</summary>
/// <param name="HasUnmanaged">Some pods have no controller: they are in no count.</param>
/// <param name="Failure">Why it cannot be known.</param>
internal readonly record struct ExpectedScale(int Count, bool HasUnmanaged = false, string? Failure = null);

/// <summary>How many of a budget's pods may be evicted now.</summary>
internal sealed record DisruptionPlan(PodDisruptionBudgetStatus Status, TimeSpan? RequeueAfter)
{
    /// <summary>Pods whose eviction was allowed and did not happen.</summary>
    public IReadOnlyList<Pod> NotDeleted { get; init; } = [];

    /// <summary>An eviction that was allowed but has not shown its effect after this long did not happen.</summary>
    private static readonly TimeSpan EvictionTakesAtMost = TimeSpan.FromMinutes(2);

    public static DisruptionPlan Compute(PodDisruptionBudget budget, IReadOnlyList<Pod> pods, ExpectedScale scale, DateTimeOffset now)
    {
        if (NeedsScale(budget) && scale.Failure is { } failure)
        {
            var refused = Condition(budget, "False", "SyncFailed", failure, now);
            return new(budget.Status with { DisruptionsAllowed = 0, Conditions = refused }, null);
        }
        var (expected, desired) = Expected(budget, pods.Count, scale.Count);
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
            Conditions = Condition(budget, allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now),
        };
        return new(status, disrupted.Count == 0 ? null : disrupted.Values.Min() + EvictionTakesAtMost - now)
        {
            NotDeleted = [.. pods.Where(pod => !pod.IsTerminating() && !disrupted.ContainsKey(pod.Metadata.Name)
                && budget.Status.DisruptedPods?.ContainsKey(pod.Metadata.Name) == true)],
        };
    }

    /// <summary>A number of pods stands for itself; a share, and all that may be missing, are of what should be there.</summary>
    public static bool NeedsScale(PodDisruptionBudget budget) => budget.Spec.MaxUnavailable is not null || budget.Spec.MinAvailable is { Text: not null };

    private static (int Expected, int Desired) Expected(PodDisruptionBudget budget, int present, int scale) => budget.Spec switch
    {
        { MaxUnavailable: { } unavailable } => (scale, Math.Max(0, scale - (unavailable.Scale(scale, roundUp: true) ?? 0))),
        { MinAvailable: { Text: not null } share } => (scale, share.Scale(scale, roundUp: true) ?? 0),
        _ => (present, budget.Spec.MinAvailable?.Number ?? 1),
    };

    private static Condition[] Condition(PodDisruptionBudget budget, string status, string reason, string message, DateTimeOffset now)
    {
        var before = budget.Status.Conditions ?? [];
        var known = Array.Find(before, condition => condition.Type == "DisruptionAllowed");
        var condition = new Condition
        {
            Type = "DisruptionAllowed",
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = known?.Status == status ? known.LastTransitionTime : now,
        };
        return [.. before.Where(other => other.Type != "DisruptionAllowed"), condition];
    }
}
