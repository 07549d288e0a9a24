using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.DynamicResources;

/// <summary>Resource claims are not allocated: a pod that has some is told so and waits, and is not started without its devices.</summary>
internal sealed class DynamicResourcesPlugin : IPreFilterPlugin
{
    public string Name => "DynamicResources";

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster) => pod.ResourceClaims.Length == 0
        ? PreFilterOutcome.Skipped
        : new(Status.Unresolvable(Name, $"dynamic resource allocation is not supported: the pod has resource claims [{string.Join(' ', pod.ResourceClaims)}]"));
}
