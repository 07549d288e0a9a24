using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.SchedulingGates;

/// <summary>Holds a pod back while its spec names a gate.</summary>
internal sealed class SchedulingGatesPlugin : IPreEnqueuePlugin
{
    public string Name => "SchedulingGates";

    public IEnumerable<EventRegistration> Events =>
        [new(EventResource.UnscheduledPod, EventActions.UpdatePodSchedulingGates, static (_, change) => change.Pod?.SchedulingGates.Length == 0)];

    public Status? PreEnqueue(PodInfo pod) => pod.SchedulingGates.Length == 0
        ? null
        : Status.Unresolvable(Name, $"waiting for scheduling gates: [{string.Join(' ', pod.SchedulingGates)}]");
}
