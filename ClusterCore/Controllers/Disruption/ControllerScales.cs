using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Discovery;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>How many pods their controllers want: the kinds known here from the cache, others by their scale subresource.</summary>
internal sealed class ControllerScales(ControllerContext context)
{
    private readonly Informer<ReplicaSet> replicaSets = context.Informers.Get(Kinds.ReplicaSets);
    private readonly Informer<Deployment> deployments = context.Informers.Get(Kinds.Deployments);
    private readonly Informer<StatefulSet> statefulSets = context.Informers.Get(Kinds.StatefulSets);
    private readonly Informer<ReplicationController> replicationControllers = context.Informers.Get(Kinds.ReplicationControllers);

    public async Task<ExpectedScale> OfAsync(IReadOnlyList<Pod> pods, CancellationToken cancellationToken)
    {
        var total = 0;
        var hasUnmanaged = false;
        foreach (var pod in pods.DistinctBy(pod => pod.ControllerOwner()?.Uid))
        {
            if (pod.ControllerOwner() is not { } owner)
            {
                hasUnmanaged = true;
                continue;
            }
            if (await OfAsync(new(pod.Metadata.Namespace, owner.Name), owner, cancellationToken) is not { } scale)
            {
                return new(0, hasUnmanaged, $"found no controllers for pod \"{pod.Metadata.Name}\"");
            }
            total += scale;
        }
        return new(total, hasUnmanaged);
    }

    private async Task<int?> OfAsync(NamespacedName key, OwnerReference owner, CancellationToken cancellationToken) => owner switch
    {
        { Kind: "ReplicaSet", ApiVersion: "apps/v1" } => replicaSets.Find(key) is not { } set ? null
            : set.ControllerOwner() is { Kind: "Deployment" } deployment ? deployments.Find(key.Namespace, deployment.Name)?.Spec.Replicas
            : set.Spec.Replicas,
        { Kind: "StatefulSet", ApiVersion: "apps/v1" } => statefulSets.Find(key)?.Spec.Replicas,
        { Kind: "ReplicationController", ApiVersion: "v1" } => replicationControllers.Find(key)?.Spec.Replicas,
        _ => await AskAsync(key, owner, cancellationToken),
    };

    private async Task<int?> AskAsync(NamespacedName key, OwnerReference owner, CancellationToken cancellationToken)
    {
        var api = await ApiDiscovery.ReadAsync(context.Client, cancellationToken);
        if (api.Resources.FirstOrDefault(found => found.Type.Kind == owner.Kind && found.Type.ApiVersion == owner.ApiVersion)?.Type is not { } type)
        {
            return null;
        }
        var scale = await context.Client.RequestAsync(HttpMethod.Get, type.Path(key.Namespace, key.Name, "scale"), null, cancellationToken);
        return scale.Succeeded ? (int?)scale.Value["spec"]?["replicas"] ?? 0 : null;
    }
}
