using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Nodes;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <param name="Disrupts">What to tell the pods' owners, where the pods had not finished.</param>
internal sealed record PodGarbagePlan(IReadOnlyList<Pod> Pods, string? Disrupts)
{
    private const string OutOfServiceTaint = "node.kubernetes.io/out-of-service";

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

    /// <summary>Pods on their way out of a node that somebody has declared dead: it will never confirm their end.</summary>
    public static PodGarbagePlan OutOfService(Node? node, IReadOnlyList<Pod> pods) =>
        node is not null && !node.IsReady() && Array.Exists(node.Spec.Taints ?? [], taint => taint.Key == OutOfServiceTaint)
            ? new([.. pods.Where(pod => pod.IsTerminating())], null)
            : Nothing;

    /// <summary>A pod deleted before it was given a node: no node will ever confirm its end.</summary>
    public static PodGarbagePlan Unscheduled(Pod? pod) =>
        pod is not null && pod.IsTerminating() && string.IsNullOrEmpty(pod.Spec.NodeName) ? new([pod], null) : Nothing;
}
