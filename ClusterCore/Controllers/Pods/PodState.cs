using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>What controllers ask of a pod.</summary>
internal static class PodState
{
    public static bool IsFinished(this Pod pod) => pod.Status.Phase is "Succeeded" or "Failed";

    public static bool IsTerminating(this Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    /// <summary>Neither finished nor on its way out.</summary>
    public static bool IsActive(this Pod pod) => !pod.IsFinished() && !pod.IsTerminating();

    public static PodCondition? Condition(this Pod pod, string type)
    {
        foreach (var condition in pod.Status.Conditions ?? [])
        {
            if (condition.Type == type)
            {
                return condition;
            }
        }
        return null;
    }

    public static bool IsReady(this Pod pod) => pod.Condition("Ready") is { Status: "True" };

    /// <summary>Ready for at least that long.</summary>
    public static bool IsAvailable(this Pod pod, int minReadySeconds, DateTimeOffset now) =>
        pod.IsReady() && (minReadySeconds == 0 || AvailableIn(pod, minReadySeconds, now) <= TimeSpan.Zero);

    /// <summary>How long until a ready pod counts as available; null for one that is not ready.</summary>
    public static TimeSpan? AvailableIn(this Pod pod, int minReadySeconds, DateTimeOffset now) =>
        pod.Condition("Ready") is { Status: "True", LastTransitionTime: { } since }
            ? since.AddSeconds(minReadySeconds) - now
            : null;
}
