using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Placement;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>Whether, and when, a pod must leave a node for the node's <c>NoExecute</c> taints.</summary>
internal readonly record struct TaintEvictionPlan(DateTimeOffset? DeleteAt)
{
    public static TaintEvictionPlan Compute(IReadOnlyList<Taint> taints, Pod pod, DateTimeOffset now)
    {
        DateTimeOffset? deleteAt = null;
        foreach (var taint in taints.Where(taint => taint.Effect == NodeTaints.NoExecute))
        {
            // The first toleration that fits decides, as the pod's owner wrote them.
            if (Array.Find(pod.Spec.Tolerations ?? [], toleration => toleration.Tolerates(taint)) is not { } tolerating)
            {
                return new(now);
            }
            if (tolerating.TolerationSeconds is { } seconds)
            {
                var until = (Since(taint, pod) ?? now).AddSeconds(Math.Max(0, seconds));
                deleteAt = deleteAt is null || until < deleteAt ? until : deleteAt;
            }
        }
        return new(deleteAt);
    }

    /// <summary>A pod that came to a node long tainted has its time from there on.</summary>
    private static DateTimeOffset? Since(Taint taint, Pod pod) =>
        taint.TimeAdded is not { } added ? null : BoundAt(pod) is { } bound && bound > added ? bound : added;

    private static DateTimeOffset? BoundAt(Pod pod) =>
        pod.Condition("PodScheduled") is { Status: "True", LastTransitionTime: { } scheduled } ? scheduled : pod.Metadata.CreationTimestamp;
}
