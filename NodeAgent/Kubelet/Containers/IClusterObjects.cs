using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>What a pod's containers and volumes take from the cluster. A missing object is null.</summary>
public interface IClusterObjects
{
    Task<ConfigMap?> ConfigMapAsync(string ns, string name, CancellationToken cancellationToken);

    Task<Secret?> SecretAsync(string ns, string name, CancellationToken cancellationToken);

    /// <summary>Services that a container may be told of: those with a cluster IP, known now.</summary>
    Task<IReadOnlyList<Service>> ServicesAsync(CancellationToken cancellationToken);

    /// <summary>A token of the pod's service account, bound to the pod.</summary>
    Task<TokenRequestStatus> TokenAsync(Pod pod, string? audience, long expirationSeconds, CancellationToken cancellationToken);

    Task<PersistentVolume?> ClaimedVolumeAsync(string ns, string claimName, CancellationToken cancellationToken);
}
