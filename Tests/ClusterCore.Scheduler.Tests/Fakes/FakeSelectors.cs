using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

/// <summary>No services and no controllers: nothing belongs together by default.</summary>
internal sealed class FakeSelectors : IDefaultSelectors
{
    public PodSelector? Selector { get; set; }

    public PodSelector? SelectorOf(PodInfo pod) => Selector;
}
