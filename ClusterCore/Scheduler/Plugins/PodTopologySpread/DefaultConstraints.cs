using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;

/// <summary>Which pods belong with a pod: those of its services and its controller. Null: none are known.</summary>
internal interface IDefaultSelectors
{
    PodSelector? SelectorOf(PodInfo pod);
}

/// <summary>The cluster-wide constraints of pods that name none: prefer other hosts, and other zones more loosely.</summary>
internal static class DefaultConstraints
{
    public static SpreadConstraint[] For(PodSelector selector) =>
    [
        new(3, WellKnownLabels.Hostname, selector) { Required = false, HonorsTaints = false },
        new(5, WellKnownLabels.Zone, selector) { Required = false, HonorsTaints = false },
    ];
}
