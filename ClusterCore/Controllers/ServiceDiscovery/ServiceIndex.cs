using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>Services and the pods behind them, each way.</summary>
internal sealed class ServiceIndex
{
    private readonly Informer<Service> services;
    private readonly Informer<Pod> pods;

    public ServiceIndex(ControllerContext context)
    {
        services = context.Informers.Get(Kinds.Services).IndexByNamespace();
        pods = context.Informers.Pods();
    }

    public Service? Find(NamespacedName key) => services.Find(key);

    public IEnumerable<Pod> PodsOf(Service service) =>
        pods.InNamespace(service.Metadata.Namespace).Where(pod => LabelMatch.Matches(service.Spec.Selector, pod.Metadata.Labels));

    public static bool HasSelector(Service service) => service.Spec.Selector is { Count: > 0 } && service.Spec.Type != "ExternalName";

    /// <summary>Calls back with each service that is concerned when a service or a pod behind it changes.</summary>
    public void OnChange(Action<NamespacedName> changed)
    {
        services.AddHandler(change => changed(change.Key));
        pods.AddHandler(change =>
        {
            if (!Concerns(change))
            {
                return;
            }
            foreach (var service in services.InNamespace(change.Key.Namespace))
            {
                if (HasSelector(service) && (Selects(service, change.Old) || Selects(service, change.New)))
                {
                    changed(service.Key);
                }
            }
        });
    }

    /// <summary>Calls back with each service that a pod on the node is behind.</summary>
    public void OnNode(string node, Action<NamespacedName> found)
    {
        foreach (var pod in pods.OnNode(node))
        {
            foreach (var service in services.InNamespace(pod.Metadata.Namespace).Where(service => HasSelector(service) && Selects(service, pod)))
            {
                found(service.Key);
            }
        }
    }

    /// <summary>Calls back with each service whose traffic is led by what the zones are like.</summary>
    public void OnTopology(Action<NamespacedName> found)
    {
        foreach (var service in services.List().Where(service => HasSelector(service) && TrafficHints.AreByTopology(service)))
        {
            found(service.Key);
        }
    }

    private static bool Selects(Service service, Pod? pod) =>
        pod is not null && LabelMatch.Matches(service.Spec.Selector, pod.Metadata.Labels);

    /// <summary>Pods change often in ways that no endpoint shows.</summary>
    private static bool Concerns(InformerChange<Pod> change) =>
        change.Old is not { } old || change.New is not { } @new
        || old.Status.PodIP != @new.Status.PodIP
        || old.IsReady() != @new.IsReady()
        || old.IsTerminating() != @new.IsTerminating()
        || old.IsFinished() != @new.IsFinished()
        || old.Spec.NodeName != @new.Spec.NodeName
        || !SameLabels(old.Metadata.Labels, @new.Metadata.Labels);

    private static bool SameLabels(IReadOnlyDictionary<string, string>? left, IReadOnlyDictionary<string, string>? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0) && (left is null || left.All(label => right!.GetValueOrDefault(label.Key) == label.Value));
}
