using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodePorts;

/// <summary>Keeps pods that take a port of the node off nodes where it is taken.</summary>
internal sealed class NodePortsPlugin : IPreFilterPlugin, IFilterPlugin
{
    private readonly Status taken = Status.Unschedulable("NodePorts", "node(s) didn't have free ports for the requested pod ports");

    public string Name => "NodePorts";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.AssignedPod, EventActions.Delete, static (pod, change) => Conflicts(pod.HostPorts, change.OldPod?.HostPorts ?? [])),
        new(EventResource.Node, EventActions.Add),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster) =>
        pod.HostPorts.Length == 0 ? PreFilterOutcome.Skipped : PreFilterOutcome.Success;

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => Conflicts(pod.HostPorts, node.UsedPorts) ? taken : null;

    private static bool Conflicts(HostPort[] wanted, IReadOnlyList<HostPort> used)
    {
        foreach (var port in wanted)
        {
            for (var index = 0; index < used.Count; index++)
            {
                if (used[index].Conflicts(port)) { return true; }
            }
        }
        return false;
    }
}
