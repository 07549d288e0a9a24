using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;

/// <summary>How the use a node would have with the pod on it becomes a score.</summary>
internal abstract class ScoringStrategy(ResourceSpec[] resources)
{
    public static ScoringStrategy Of(ScoringStrategySpec spec) => spec.Type switch
    {
        "MostAllocated" => new MostAllocated(spec.Resources),
        "RequestedToCapacityRatio" => new RequestedToCapacityRatio(spec.Resources, spec.RequestedToCapacityRatio?.Shape ?? []),
        _ => new LeastAllocated(spec.Resources),
    };

    public long Score(PodInfo pod, NodeInfo node)
    {
        long sum = 0, weights = 0;
        foreach (var (name, weight) in resources)
        {
            var (requested, allocatable) = ResourceUse.Of(name, pod, node);
            if (allocatable == 0) { continue; }
            sum += Score(requested, allocatable) * weight;
            weights += weight;
        }
        return weights == 0 ? 0 : sum / weights;
    }

    protected abstract long Score(long requested, long allocatable);
}

/// <summary>The emptier the better: spreads load. Upstream's default.</summary>
internal sealed class LeastAllocated(ResourceSpec[] resources) : ScoringStrategy(resources)
{
    protected override long Score(long requested, long allocatable) =>
        requested > allocatable ? 0 : (allocatable - requested) * IScorePlugin.Max / allocatable;
}

/// <summary>The fuller the better: packs.</summary>
internal sealed class MostAllocated(ResourceSpec[] resources) : ScoringStrategy(resources)
{
    protected override long Score(long requested, long allocatable) =>
        Math.Min(requested, allocatable) * IScorePlugin.Max / allocatable;
}

/// <summary>A broken line from utilization (percent) to score (0–10), as the operator draws it.</summary>
internal sealed class RequestedToCapacityRatio(ResourceSpec[] resources, UtilizationShapePoint[] shape)
    : ScoringStrategy(resources)
{
    private const long MaxUtilization = 100;

    protected override long Score(long requested, long allocatable) =>
        OnShape(requested > allocatable ? MaxUtilization : requested * MaxUtilization / allocatable) * 10;

    private long OnShape(long utilization)
    {
        for (var index = 0; index < shape.Length; index++)
        {
            var (right, score) = shape[index];
            if (utilization > right) { continue; }
            if (index == 0) { return score; }
            var (left, before) = shape[index - 1];
            return before + ((score - before) * (utilization - left) / (right - left));
        }
        return shape[^1].Score;
    }
}

internal static class ResourceUse
{
    /// <summary>What would be requested on the node with the pod there, and what there is; (0, 0) where it plays no part.</summary>
    public static (long Requested, long Allocatable) Of(string name, PodInfo pod, NodeInfo node) => name switch
    {
        ResourceNames.Cpu => (node.ScoredRequested.MilliCpu + pod.ScoredRequests.MilliCpu, node.Allocatable.MilliCpu),
        ResourceNames.Memory => (node.ScoredRequested.Memory + pod.ScoredRequests.Memory, node.Allocatable.Memory),
        _ when pod.Requests[name] == 0 => (0, 0),
        _ => (node.Requested[name] + pod.Requests[name], node.Allocatable[name]),
    };
}
