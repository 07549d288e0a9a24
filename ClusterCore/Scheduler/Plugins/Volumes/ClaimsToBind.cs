using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>A pod's claims by what they still need.</summary>
internal sealed class ClaimsToBind : ICycleData
{
    public List<PersistentVolumeClaim> Bound { get; } = [];

    /// <summary>Unbound, and bound only once a node is chosen.</summary>
    public List<(PersistentVolumeClaim Claim, StorageClass Class)> Waiting { get; } = [];

    /// <summary>Chosen for the pod.</summary>
    public NodeInfo? Node { get; set; }

    /// <summary>What Reserve settled for the chosen node.</summary>
    public List<(PersistentVolumeClaim Claim, PersistentVolume? Volume)> Choice { get; set; } = [];

    public static (ClaimsToBind Claims, string? Rejection) Sort(PodInfo pod, IVolumeCatalog catalog)
    {
        var claims = new ClaimsToBind();
        foreach (var (name, ephemeral) in pod.Claims)
        {
            if (catalog.FindClaim(pod.Namespace, name) is not { } claim)
            {
                return (claims, ephemeral
                    ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\""
                    : $"persistentvolumeclaim \"{name}\" not found");
            }
            if (claim.Metadata.DeletionTimestamp is not null) { return (claims, $"persistentvolumeclaim \"{name}\" is being deleted"); }
            if (claim.Status?.Phase == "Lost")
            {
                return (claims, $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{claim.Spec?.VolumeName}\"");
            }
            if (claim.IsBound()) { claims.Bound.Add(claim); }
            else if (catalog.FindClass(claim.Spec?.StorageClassName ?? "") is { VolumeBindingMode: "WaitForFirstConsumer" } storageClass
                && claim.Spec?.VolumeName is not { Length: > 0 })
            {
                claims.Waiting.Add((claim, storageClass));
            }
            else { return (claims, "pod has unbound immediate PersistentVolumeClaims"); }
        }
        return (claims, null);
    }
}
