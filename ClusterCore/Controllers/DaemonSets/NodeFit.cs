using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Placement;
using Flotilla.ClusterCore.Controllers.Nodes;

namespace Flotilla.ClusterCore.Controllers.DaemonSets;

/// <summary>Whether a daemon belongs on a node, and whether one that is there may stay.</summary>
internal readonly record struct NodeFit(bool ShouldRun, bool MayStay)
{
    public static NodeFit Compute(PodSpec daemon, Node node, IReadOnlyList<Toleration> tolerations)
    {
        if (daemon.NodeName is { Length: > 0 } only && only != node.Metadata.Name)
        {
            return new(false, false);
        }
        if (!daemon.Selects(node))
        {
            return new(false, false);
        }
        var repelled = (node.Spec.Taints ?? []).Where(taint => !tolerations.Tolerates(taint)).Select(taint => taint.Effect).ToHashSet();
        var evicted = repelled.Contains(NodeTaints.NoExecute);
        return new(!evicted && !repelled.Contains(NodeTaints.NoSchedule), !evicted);
    }
}
