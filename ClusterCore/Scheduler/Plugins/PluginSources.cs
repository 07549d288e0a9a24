using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;
using Flotilla.ClusterCore.Scheduler.Plugins.Volumes;
using Flotilla.ClusterCore.Scheduler.Preemption;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins;

/// <summary>What plugins ask for beyond the snapshot.</summary>
internal sealed record PluginSources(
    INamespaceLabels Namespaces, IDefaultSelectors Selectors, IVolumeCatalog Volumes, IDisruptionBudgets Budgets, IPodWriter Writer, Random Random)
{
    /// <summary>For plugins that are only looked at, and never asked.</summary>
    public static PluginSources Unconnected { get; } = new(null!, null!, null!, null!, null!, null!);
}
