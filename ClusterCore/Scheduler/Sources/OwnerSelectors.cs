using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Sources;

/// <summary>Pods that belong together by default: the selectors of a pod's services and of its controller, all at once.</summary>
internal sealed class OwnerSelectors(
    Informer<Service> services, Informer<ReplicationController> controllers, Informer<ReplicaSet> replicaSets, Informer<StatefulSet> statefulSets)
    : IDefaultSelectors
{
    public PodSelector? SelectorOf(PodInfo pod)
    {
        var selector = OfServices(pod);
        if (OfController(pod) is { } own) { selector = selector is null ? own : own.And(selector.Requirements); }
        return selector;
    }

    private PodSelector? OfServices(PodInfo pod)
    {
        if (pod.Labels.Count == 0 || services.Objects.Count == 0) { return null; }
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in services.InNamespace(pod.Namespace))
        {
            if (service.Spec?.Selector is not { Count: > 0 } wanted || !Covers(pod, wanted)) { continue; }
            foreach (var (key, value) in wanted) { labels[key] = value; }
        }
        return labels.Count == 0 ? null : PodSelector.OfLabels(labels);
    }

    private PodSelector? OfController(PodInfo pod)
    {
        if (pod.Owner is not { } owner) { return null; }
        // Others have kinds of these names, too.
        return (owner.ApiVersion, owner.Kind) switch
        {
            ("apps/v1", "ReplicaSet") => replicaSets.Find(pod.Namespace, owner.Name) is { } set ? SelectorParser.ToPodSelector(set.Spec?.Selector) : null,
            ("apps/v1", "StatefulSet") => statefulSets.Find(pod.Namespace, owner.Name) is { } set ? SelectorParser.ToPodSelector(set.Spec?.Selector) : null,
            ("v1", "ReplicationController") => controllers.Find(pod.Namespace, owner.Name)?.Spec?.Selector is { } labels ? PodSelector.OfLabels(labels) : null,
            _ => null,
        };
    }

    private static bool Covers(PodInfo pod, IReadOnlyDictionary<string, string> wanted)
    {
        foreach (var (key, value) in wanted)
        {
            if (!pod.Labels.TryGetValue(key, out var actual) || actual != value) { return false; }
        }
        return true;
    }
}
