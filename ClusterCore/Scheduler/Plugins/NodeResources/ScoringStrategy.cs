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
            var score = Score(requested, allocatable);
            if (score == 0 && IgnoresZeros) { continue; }
            sum += score * weight;
            weights += weight;
        }
        return weights == 0 ? 0 : Average(sum, weights);
    }

    /// <summary>A resource with no score takes no part in the average.</summary>
    protected virtual bool IgnoresZeros => false;

    protected abstract long Score(long requested, long allocatable);

    protected virtual long Average(long sum, long weights) => sum / weights;
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

/// <summary>
/// A broken line from utilization (percent) to score (0–10), as the operator draws it. Upstream averages only what scores, and rounds
/// where the other strategies cut off.
/// </summary>
internal sealed class RequestedToCapacityRatio(ResourceSpec[] resources, UtilizationShapePoint[] shape)
    : ScoringStrategy(resources)
{
    private const long MaxUtilization = 100;
    private const long Scale = IScorePlugin.Max / 10;

    protected override long Score(long requested, long allocatable) =>
        OnShape(requested > allocatable ? MaxUtilization : requested * MaxUtilization / allocatable);

    protected override bool IgnoresZeros => true;

    protected override long Average(long sum, long weights) => (long)Math.Round((double)sum / weights, MidpointRounding.AwayFromZero);

    // Between two points a tenth of the drawn score counts.
    private long OnShape(long utilization)
    {
        for (var index = 0; index < shape.Length; index++)
        {
            var (right, score) = shape[index];
            if (utilization > right) { continue; }
            if (index == 0) { return score * Scale; }
            var (left, before) = shape[index - 1];
            return (before * Scale) + ((score - before) * Scale * (utilization - left) / (right - left));
        }
        return shape[^1].Score * Scale;
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
