using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Plugins.ImageLocality;
using Flotilla.ClusterCore.Scheduler.Plugins.InterPodAffinity;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeAffinity;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeName;
using Flotilla.ClusterCore.Scheduler.Plugins.NodePorts;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeUnschedulable;
using Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;
using Flotilla.ClusterCore.Scheduler.Plugins.SchedulingGates;
using Flotilla.ClusterCore.Scheduler.Plugins.TaintToleration;
using Flotilla.ClusterCore.Scheduler.Plugins.Volumes;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins;

/// <summary>Every plugin there is, in the order in which their filters run, with kube-scheduler's weights.</summary>
internal static class DefaultPlugins
{
    public static Profile Build(SchedulerProfile profile, INamespaceLabels namespaces, IDefaultSelectors selectors, IVolumeCatalog volumes)
    {
        IReadOnlyList<PluginUse> all =
        [
            new(new SchedulingGatesPlugin()),
            new(new NodeUnschedulablePlugin()),
            new(new NodeNamePlugin()),
            new(new TaintTolerationPlugin(), Weight: 3),
            new(new NodeAffinityPlugin(), Weight: 2),
            new(new NodePortsPlugin()),
            new(new NodeResourcesFitPlugin(StrategyOf(profile)), Weight: 1),
            new(new VolumeRestrictionsPlugin(volumes)),
            new(new NodeVolumeLimitsPlugin(volumes)),
            new(new VolumeBindingPlugin(volumes)),
            new(new VolumeZonePlugin(volumes)),
            new(new PodTopologySpreadPlugin(selectors), Weight: 2),
            new(new InterPodAffinityPlugin(namespaces), Weight: 2),
            new(new BalancedAllocationPlugin(), Weight: 1),
            new(new ImageLocalityPlugin(), Weight: 1),
        ];
        return new(profile.SchedulerName,
        [
            .. all.Where(use => !profile.DisabledPlugins.Contains(use.Plugin.Name))
                .Select(use => use with { Weight = profile.Weights.TryGetValue(use.Plugin.Name, out var weight) ? weight : use.Weight }),
        ]);
    }

    private static ScoringStrategy StrategyOf(SchedulerProfile profile)
    {
        IReadOnlyList<ScoredResource> resources = profile.ScoredResources.Count == 0
            ? ScoringStrategy.CpuAndMemory
            : [.. profile.ScoredResources.Select(one => new ScoredResource(one.Key, one.Value))];
        return profile.ScoringStrategy switch
        {
            "LeastAllocated" => new LeastAllocated(resources),
            "MostAllocated" => new MostAllocated(resources),
            "RequestedToCapacityRatio" => new RequestedToCapacityRatio(resources, profile.Shape),
            _ => throw new ArgumentException($"unknown scoring strategy {profile.ScoringStrategy}", nameof(profile)),
        };
    }
}
