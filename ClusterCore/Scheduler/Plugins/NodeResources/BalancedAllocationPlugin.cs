using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;

/// <summary>
/// Prefers nodes that the pod would make more balanced. A node's balance is 100 less the standard deviation of the used shares; the score
/// is 75 where it stays as it is, 100 at most where it rises, and 50 at least where it falls. Counts real requests, so a pod that requests
/// nothing leaves every node as balanced as it was.
/// <code>
/// cpu 50 %, memory 0 %: balance 75     with a pod of half the memory: 100     score 50 + (50 + 100 - 75) / 2 = 87
/// </code>
/// </summary>
internal sealed class BalancedAllocationPlugin(NodeResourcesBalancedAllocationArgs args) : IPreScorePlugin, IScorePlugin
{
    private const long Half = IScorePlugin.Max / 2;

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
        Span<double> with = stackalloc double[args.Resources.Length];
        Span<double> without = stackalloc double[args.Resources.Length];
        var count = 0;
        foreach (var (name, _) in args.Resources)
        {
            var (has, used, more) = (node.Allocatable[name], node.Requested[name], pod.Requests[name]);
            // An extended resource that the pod does not ask for plays no part.
            if (has == 0 || (more == 0 && ResourceNames.IsScalar(name))) { continue; }
            with[count] = Math.Min(1.0, (double)(used + more) / has);
            without[count++] = Math.Min(1.0, (double)used / has);
        }
        return Half + ((Half + Balance(with[..count]) - Balance(without[..count])) / 2);
    }

    private static long Balance(ReadOnlySpan<double> shares) => (long)((1 - Deviation(shares)) * IScorePlugin.Max);

    private static double Deviation(ReadOnlySpan<double> shares)
    {
        if (shares.Length < 2) { return 0; }
        // As upstream, to the last bit: the result is cut off to a whole number.
        if (shares.Length == 2) { return Math.Abs((shares[0] - shares[1]) / 2); }
        var total = 0.0;
        foreach (var share in shares) { total += share; }
        var (mean, squares) = (total / shares.Length, 0.0);
        foreach (var share in shares) { squares += (share - mean) * (share - mean); }
        return Math.Sqrt(squares / shares.Length);
    }
}
