using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeUnschedulable;

/// <summary>Keeps pods off cordoned nodes, unless they tolerate the taint that a cordon stands for.</summary>
internal sealed class NodeUnschedulablePlugin : IFilterPlugin
{
    private static readonly NodeTaint Cordon = new("node.kubernetes.io/unschedulable", "", TaintEffect.NoSchedule);

    private readonly Status cordoned = Status.Unresolvable("NodeUnschedulable", "node(s) were unschedulable");

    public string Name => "NodeUnschedulable";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeUnschedulable, static (pod, change) =>
            change.Node is not { Unschedulable: true } || pod.Tolerates(Cordon)),
        new(EventResource.UnscheduledPod, EventActions.UpdatePodTolerations, static (_, change) => change.Pod?.Tolerates(Cordon) != false),
    ];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        !node.Unschedulable || pod.Tolerates(Cordon) ? null : cordoned;
}
