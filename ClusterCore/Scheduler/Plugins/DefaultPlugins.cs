using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Plugins.DefaultBinder;
using Flotilla.ClusterCore.Scheduler.Plugins.DynamicResources;
using Flotilla.ClusterCore.Scheduler.Plugins.ImageLocality;
using Flotilla.ClusterCore.Scheduler.Plugins.InterPodAffinity;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeAffinity;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeName;
using Flotilla.ClusterCore.Scheduler.Plugins.NodePorts;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;
using Flotilla.ClusterCore.Scheduler.Plugins.NodeUnschedulable;
using Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;
using Flotilla.ClusterCore.Scheduler.Plugins.PrioritySort;
using Flotilla.ClusterCore.Scheduler.Plugins.SchedulingGates;
using Flotilla.ClusterCore.Scheduler.Plugins.TaintToleration;
using Flotilla.ClusterCore.Scheduler.Plugins.Volumes;
using Flotilla.ClusterCore.Scheduler.Preemption;

namespace Flotilla.ClusterCore.Scheduler.Plugins;

/// <summary>Every plugin there is, in the order in which they run, with kube-scheduler's weights.</summary>
internal static class DefaultPlugins
{
    private static readonly (PluginReference Reference, Func<PluginArguments, PluginSources, IPlugin> Make)[] All =
    [
        (new("SchedulingGates"), (_, _) => new SchedulingGatesPlugin()),
        (new("PrioritySort"), (_, _) => new PrioritySortPlugin()),
        (new("NodeUnschedulable"), (_, _) => new NodeUnschedulablePlugin()),
        (new("NodeName"), (_, _) => new NodeNamePlugin()),
        (new("TaintToleration", Weight: 3), (_, _) => new TaintTolerationPlugin()),
        (new("NodeAffinity", Weight: 2), (arguments, _) => new NodeAffinityPlugin(arguments.NodeAffinity)),
        (new("NodePorts"), (_, _) => new NodePortsPlugin()),
        (new("NodeResourcesFit", Weight: 1), (arguments, _) => new NodeResourcesFitPlugin(arguments.NodeResourcesFit)),
        (new("VolumeRestrictions"), (_, sources) => new VolumeRestrictionsPlugin(sources.Volumes)),
        (new("NodeVolumeLimits"), (_, sources) => new NodeVolumeLimitsPlugin(sources.Volumes)),
        (new("VolumeBinding"), (arguments, sources) => new VolumeBindingPlugin(sources.Volumes, arguments.VolumeBinding)),
        (new("VolumeZone"), (_, sources) => new VolumeZonePlugin(sources.Volumes)),
        (new("PodTopologySpread", Weight: 2), (arguments, sources) => new PodTopologySpreadPlugin(sources.Selectors, arguments.PodTopologySpread)),
        (new("InterPodAffinity", Weight: 2), (arguments, sources) => new InterPodAffinityPlugin(sources.Namespaces, arguments.InterPodAffinity)),
        (new("DynamicResources"), (_, _) => new DynamicResourcesPlugin()),
        (new("DefaultPreemption"), (arguments, sources) => new DefaultPreemption(sources.Budgets, sources.Random, arguments.DefaultPreemption)),
        (new("NodeResourcesBalancedAllocation", Weight: 1), (arguments, _) => new BalancedAllocationPlugin(arguments.NodeResourcesBalancedAllocation)),
        (new("ImageLocality", Weight: 1), (_, _) => new ImageLocalityPlugin()),
        (new("DefaultBinder"), (_, sources) => new DefaultBinderPlugin(sources.Writer)),
    ];

    public static bool Exists(string name) => Array.Exists(All, one => one.Reference.Name == name);

    /// <returns>What is wrong with the profile's plugin sets.</returns>
    public static string? FindProblem(KubeSchedulerProfile profile)
    {
        try
        {
            _ = Build(profile, PluginSources.Unconnected);
            return null;
        }
        catch (SchedulerConfigurationException exception)
        {
            return exception.Message;
        }
    }

    /// <exception cref="SchedulerConfigurationException">The profile names plugins that are not there, or lacks one that must be.</exception>
    public static Profile Build(KubeSchedulerProfile profile, PluginSources sources) => new(
        profile.SchedulerName,
        All.ToDictionary(one => one.Reference.Name, one => one.Make(profile.Arguments, sources), StringComparer.Ordinal),
        Array.ConvertAll(All, one => one.Reference),
        profile.Plugins);
}
