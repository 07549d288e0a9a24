using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeAffinity;

/// <summary>Node selector and node affinity: required ones filter, preferred ones score by their weights.</summary>
internal sealed class NodeAffinityPlugin : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin
{
    private readonly Status mismatch = Status.Unresolvable("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");

    public string Name => "NodeAffinity";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeLabel, static (pod, change) =>
            change.Node is not { } node || pod.AcceptsNode(node)),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (pod.RequiredNodes is not { } required) { return new(Skip: pod.NodeLabels.Count == 0); }
        var pinned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in required.Terms)
        {
            if (term.PinnedNodes() is not { } names) { return PreFilterOutcome.Success; }
            pinned.UnionWith(names);
        }
        return pinned.Count > 0 ? new(Nodes: pinned) : PreFilterOutcome.Success;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => pod.AcceptsNode(node) ? null : mismatch;

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster) => pod.PreferredNodes.Length > 0;

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var score = 0L;
        foreach (var (weight, term) in pod.PreferredNodes)
        {
            // Unlike in a required selector, an empty preference prefers every node.
            if (term is { Labels.Count: 0, Fields.Count: 0 } || term.Matches(node)) { score += weight; }
        }
        return score;
    }

    public void Normalize(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, Span<long> scores) =>
        ScoreNormalization.ByMaximum(scores, reverse: false);
}
