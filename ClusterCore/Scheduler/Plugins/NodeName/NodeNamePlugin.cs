using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeName;

internal sealed class NodeNamePlugin : IPreFilterPlugin, IFilterPlugin
{
    private readonly Status mismatch = Status.Unresolvable("NodeName", "node(s) didn't match the requested node name");

    public string Name => "NodeName";

    public IEnumerable<EventRegistration> Events => [new(EventResource.Node, EventActions.Add)];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster) =>
        pod.NodeName.Length == 0 ? PreFilterOutcome.Skipped : PreFilterOutcome.Success;

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => pod.NodeName == node.Name ? null : mismatch;
}
