using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <param name="Disrupts">What to tell the pods' owners, where the pods had not finished.</param>
internal sealed record PodGarbagePlan(IReadOnlyList<Pod> Pods, string? Disrupts)
{
    public static readonly PodGarbagePlan Nothing = new([], null);

    /// <summary>Finished pods beyond the limit: evicted ones first, then the oldest.</summary>
    public static PodGarbagePlan Surplus(IReadOnlyList<Pod> pods, int limit)
    {
        var finished = pods.Where(pod => pod.IsFinished()).ToArray();
        return finished.Length <= limit
            ? Nothing
            : new([.. finished.OrderByDescending(pod => pod.Status is { Phase: "Failed", Reason: "Evicted" })
                .ThenBy(pod => pod.Metadata.CreationTimestamp).Take(finished.Length - limit)], null);
    }

    public static PodGarbagePlan Orphans(IReadOnlyList<Pod> pods) => new(pods, "PodGC: node no longer exists");

    /// <summary>A pod deleted before it was given a node: no node will ever confirm its end.</summary>
    public static PodGarbagePlan Unscheduled(Pod? pod) =>
        pod is not null && pod.IsTerminating() && string.IsNullOrEmpty(pod.Spec.NodeName) ? new([pod], null) : Nothing;
}
