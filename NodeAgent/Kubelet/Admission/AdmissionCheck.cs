using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Placement;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>
/// Why a new pod has no place on its node. The scheduler has seen to it, unless somebody bound past it: then its first rules are checked
/// here once more, in upstream's order. A pod that is on the node is not asked again, whatever becomes of the node's labels.
/// </summary>
internal static class AdmissionCheck
{
    public const string NodeAffinity = nameof(NodeAffinity);
    private const string OsLabel = "kubernetes.io/os";

    /// <returns>All there is against it; the first is what is reported.</returns>
    public static IReadOnlyList<PodRefusal> Compute(Pod pod, IReadOnlyCollection<Pod> others, NodeResources own, Node node)
    {
        // What no room could mend comes alone, so that nobody has to make any.
        if (WrongSystem(pod) is { } wrong)
        {
            return [wrong];
        }

        List<PodRefusal> refusals = [.. NodeRoom.Lacking(pod, others, own, node)];
        if (!pod.Spec.Selects(node))
        {
            refusals.Add(Failed(NodeAffinity, "node(s) didn't match Pod's node affinity/selector"));
        }

        if (pod.Spec.NodeName is { Length: > 0 } name && name != node.Metadata.Name)
        {
            refusals.Add(Failed("NodeName", "node(s) didn't match the requested node name"));
        }

        if (HostPorts.Taken(pod, others))
        {
            refusals.Add(Failed("NodePorts", "node(s) didn't have free ports for the requested pod ports"));
        }

        // Who is here already is evicted by the controllers, in its time; a taint that only keeps the scheduler away is not the node's concern.
        if (!PodImportance.IsStatic(pod) && node.Spec.Taints?.Any(taint => taint.Effect == "NoExecute" && !pod.Spec.Tolerations.Tolerates(taint)) == true)
        {
            refusals.Add(Failed("TaintToleration", "node(s) had taints that the pod didn't tolerate"));
        }

        return refusals;
    }

    private static PodRefusal? WrongSystem(Pod pod)
    {
        if (pod.Metadata.Labels?.GetValueOrDefault(OsLabel, "linux") is not (null or "linux"))
        {
            return new("PodOSSelectorNodeLabelDoesNotMatch", $"Failed to admit pod as the `{OsLabel}` label doesn't match node label");
        }

        return pod.Spec.Os is { Name: not "linux" } ? new("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS") : null;
    }

    private static PodRefusal Failed(string predicate, string description) => new(predicate, $"Predicate {predicate} failed: {description}");
}
