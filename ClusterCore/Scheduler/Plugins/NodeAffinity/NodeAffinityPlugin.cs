using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeAffinity;

/// <summary>
/// Node selector and node affinity: required ones filter, preferred ones score by their weights. The profile may add affinity
/// to that of every pod.
/// </summary>
internal sealed class NodeAffinityPlugin(NodeAffinityArgs args) : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin
{
    private readonly NodeSelector? addedRequired = SelectorParser.ToNodeSelector(args.AddedAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);
    private readonly PreferredNodeTerm[] addedPreferred = SelectorParser.ToPreferredTerms(args.AddedAffinity?.PreferredDuringSchedulingIgnoredDuringExecution);
    private readonly Status enforced = Status.Unresolvable("NodeAffinity", "node(s) didn't match scheduler-enforced node affinity");
    private readonly Status conflict = Status.Unresolvable("NodeAffinity", "pod affinity terms conflict");
    private readonly Status mismatch = Status.Unresolvable("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");

    public string Name => "NodeAffinity";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeLabel, (pod, change) =>
            change.Node is not { } node || Rejection(pod, node) is null),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (pod.RequiredNodes is not { } required) { return new(Skip: pod.NodeLabels.Count == 0 && addedRequired is null); }
        var pinned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in required.Terms)
        {
            if (term.PinnedNodes() is not { } names) { return PreFilterOutcome.Success; }
            if (names.Count == 0) { return new(conflict); }
            pinned.UnionWith(names);
        }
        return pinned.Count > 0 ? new(Nodes: pinned) : PreFilterOutcome.Success;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => Rejection(pod, node);

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster) =>
        pod.PreferredNodes.Length + addedPreferred.Length > 0;

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => WeightOf(pod.PreferredNodes, node) + WeightOf(addedPreferred, node);

    public void Normalize(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, Span<long> scores) =>
        ScoreNormalization.ByMaximum(scores, reverse: false);

    private static long WeightOf(PreferredNodeTerm[] terms, NodeInfo node)
    {
        var sum = 0L;
        foreach (var (weight, term) in terms)
        {
            // Unlike in a required selector, an empty preference prefers every node.
            if (term is { Labels.Count: 0, Fields.Count: 0 } || term.Matches(node)) { sum += weight; }
        }
        return sum;
    }

    private Status? Rejection(PodInfo pod, NodeInfo node) =>
        addedRequired?.Matches(node) == false ? enforced
        : pod.AcceptsNode(node) ? null
        : mismatch;
}
