using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.DynamicResources;

/// <summary>Resource claims are not allocated: a pod that has some is told so and waits, and is not started without its devices.</summary>
internal sealed class DynamicResourcesPlugin : IPreFilterPlugin, IPostFilterPlugin
{
    public string Name => "DynamicResources";

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster) => pod.ResourceClaims.Length == 0
        ? PreFilterOutcome.Skipped
        : new(Status.Unresolvable(Name, $"dynamic resource allocation is not supported: the pod has resource claims [{string.Join(' ', pod.ResourceClaims)}]"));

    /// <summary>
    /// There is never a claim to take back. Upstream's plugin says so, and where an earlier PreFilter kept it from looking at the pod it
    /// fails for want of what it would have noted, which ends this extension point; users know both from their events.
    /// </summary>
    public PostFilterOutcome PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, ClusterSnapshot cluster, SchedulingAlgorithm algorithm) =>
        diagnosis.PreFilterStatus is { } status && status.Plugin != Name ? new("not found", Fails: true) : new("no new claims to deallocate");
}
