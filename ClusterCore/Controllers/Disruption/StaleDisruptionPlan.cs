using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>A pod that was to be disrupted and is still there is told that it was not after all.</summary>
/// <param name="TakeBack">Whether it is time.</param>
internal readonly record struct StaleDisruptionPlan(bool TakeBack, TimeSpan? RequeueAfter)
{
    private static readonly TimeSpan DisruptionTakesAtMost = TimeSpan.FromMinutes(2);

    public static StaleDisruptionPlan Compute(Pod pod, DateTimeOffset now)
    {
        // What the node says stays: it may take its time to end a pod.
        if (!pod.IsActive() || pod.Condition("DisruptionTarget") is not { Status: "True", Reason: not "TerminationByKubelet" } condition)
        {
            return default;
        }
        var left = (condition.LastTransitionTime ?? now) + DisruptionTakesAtMost - now;
        return left > TimeSpan.Zero ? new(false, left) : new(true, null);
    }
}
