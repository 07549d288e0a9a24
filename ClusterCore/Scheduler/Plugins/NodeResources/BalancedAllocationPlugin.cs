using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;

/// <summary>
/// Prefers nodes whose CPU and memory would be used evenly: 100 less the standard deviation of the used shares. Counts
/// real requests, so a pod that requests nothing leaves every node as balanced as it was.
/// </summary>
internal sealed class BalancedAllocationPlugin : IPreScorePlugin, IScorePlugin
{
    public string Name => "NodeResourcesBalancedAllocation";

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster) =>
        pod.Requests.MilliCpu > 0 || pod.Requests.Memory > 0;

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var (has, used, more) = (node.Allocatable, node.Requested, pod.Requests);
        if (has.MilliCpu == 0 || has.Memory == 0) { return IScorePlugin.Max; }
        var cpu = Math.Min(1.0, (double)(used.MilliCpu + more.MilliCpu) / has.MilliCpu);
        var memory = Math.Min(1.0, (double)(used.Memory + more.Memory) / has.Memory);
        // The standard deviation of two values is half their distance.
        return (long)((1 - (Math.Abs(cpu - memory) / 2)) * IScorePlugin.Max);
    }
}
