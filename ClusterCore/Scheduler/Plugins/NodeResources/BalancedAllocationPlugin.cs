using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;

/// <summary>
/// Prefers nodes whose resources would be used evenly: 100 less the standard deviation of the used shares. Counts
/// real requests, so a pod that requests nothing leaves every node as balanced as it was.
/// </summary>
internal sealed class BalancedAllocationPlugin(NodeResourcesBalancedAllocationArgs args) : IPreScorePlugin, IScorePlugin
{
    public string Name => "NodeResourcesBalancedAllocation";

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster)
    {
        foreach (var resource in args.Resources)
        {
            if (pod.Requests[resource.Name] > 0) { return true; }
        }
        return false;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        Span<double> shares = stackalloc double[args.Resources.Length];
        var count = 0;
        foreach (var (name, _) in args.Resources)
        {
            var more = pod.Requests[name];
            var has = node.Allocatable[name];
            // An extended resource that the pod does not ask for plays no part.
            if (has == 0 || (more == 0 && ResourceNames.IsScalar(name))) { continue; }
            shares[count++] = Math.Min(1.0, (double)(node.Requested[name] + more) / has);
        }
        return (long)((1 - Deviation(shares[..count])) * IScorePlugin.Max);
    }

    private static double Deviation(ReadOnlySpan<double> shares)
    {
        if (shares.Length < 2) { return 0; }
        var mean = 0.0;
        foreach (var share in shares) { mean += share / shares.Length; }
        var variance = 0.0;
        foreach (var share in shares) { variance += (share - mean) * (share - mean) / shares.Length; }
        return Math.Sqrt(variance);
    }
}
