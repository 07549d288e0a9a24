using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.TaintToleration;

/// <summary>Keeps pods off nodes with hard taints they do not tolerate; prefers nodes with the fewest soft ones.</summary>
internal sealed class TaintTolerationPlugin : IFilterPlugin, IScorePlugin
{
    // Which taints they are is for those to know who may read nodes.
    private readonly Status untolerated = Status.Unresolvable("TaintToleration", "node(s) had untolerated taint(s)");

    public string Name => "TaintToleration";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeTaint, static (pod, change) =>
            change.Node is not { } node || FindUntolerated(pod, node) is null),
        new(EventResource.UnscheduledPod, EventActions.UpdatePodTolerations),
    ];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        node.Taints.Length > 0 && FindUntolerated(pod, node) is not null ? untolerated : null;

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var intolerable = 0;
        foreach (var taint in node.Taints)
        {
            if (taint.Effect == TaintEffect.PreferNoSchedule && !pod.Tolerates(taint)) { intolerable++; }
        }
        return intolerable;
    }

    public void Normalize(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, Span<long> scores) =>
        ScoreNormalization.ByMaximum(scores, reverse: true);

    public static NodeTaint? FindUntolerated(PodInfo pod, NodeInfo node)
    {
        foreach (var taint in node.Taints)
        {
            if (taint.Effect is TaintEffect.NoSchedule or TaintEffect.NoExecute && !pod.Tolerates(taint)) { return taint; }
        }
        return null;
    }
}
