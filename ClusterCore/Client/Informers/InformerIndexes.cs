using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Informers;

/// <summary>The indexes that several parts share: by namespace, by owner, by label, pods by node.</summary>
public static class InformerIndexes
{
    private const string Namespace = "namespace";
    private const string Owner = "owner";
    private const string Controller = "controller";
    private const string Node = "node";

    public static Informer<T> IndexByNamespace<T>(this Informer<T> informer) where T : KubernetesObject
    {
        informer.Objects.AddIndex(Namespace, value => value.Metadata.Namespace is { } ns ? [ns] : []);
        return informer;
    }

    public static Informer<T> IndexByOwner<T>(this Informer<T> informer) where T : KubernetesObject
    {
        informer.Objects.AddIndex(Owner, value => (value.Metadata.OwnerReferences ?? []).Select(owner => owner.Uid));
        return informer;
    }

    /// <summary>By the UID of the controlling owner; objects without one are under the empty key of their namespace.</summary>
    public static Informer<T> IndexByController<T>(this Informer<T> informer) where T : KubernetesObject
    {
        informer.Objects.AddIndex(Controller, value => [value.ControllerOwner()?.Uid ?? Orphans(value.Metadata.Namespace)]);
        return informer;
    }

    public static Informer<T> IndexByLabel<T>(this Informer<T> informer, string label) where T : KubernetesObject
    {
        informer.Objects.AddIndex("label:" + label, value =>
            value.Metadata.Labels is { } labels && labels.TryGetValue(label, out var found) ? [found] : []);
        return informer;
    }

    public static Informer<Pod> IndexByNode(this Informer<Pod> informer)
    {
        informer.Objects.AddIndex(Node, pod => pod.Spec.NodeName is { Length: > 0 } node ? [node] : []);
        return informer;
    }

    public static T[] InNamespace<T>(this Informer<T> informer, string? ns) where T : KubernetesObject =>
        informer.Objects.ByIndex(Namespace, ns ?? "");

    public static bool IsAnyIn<T>(this Informer<T> informer, string? ns) where T : KubernetesObject => informer.Objects.HasAny(Namespace, ns ?? "");

    public static T[] OwnedBy<T>(this Informer<T> informer, string ownerUid) where T : KubernetesObject =>
        informer.Objects.ByIndex(Owner, ownerUid);

    public static T[] ControlledBy<T>(this Informer<T> informer, string controllerUid) where T : KubernetesObject =>
        informer.Objects.ByIndex(Controller, controllerUid);

    public static T[] WithoutController<T>(this Informer<T> informer, string? ns) where T : KubernetesObject =>
        informer.Objects.ByIndex(Controller, Orphans(ns));

    public static T[] WithLabel<T>(this Informer<T> informer, string label, string value) where T : KubernetesObject =>
        informer.Objects.ByIndex("label:" + label, value);

    public static Pod[] OnNode(this Informer<Pod> informer, string node) => informer.Objects.ByIndex(Node, node);

    private static string Orphans(string? ns) => "/" + ns;
}
