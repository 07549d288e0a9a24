using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Selection;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Controllers.Volumes;

/// <summary>Which volume suits a claim: the one meant for it, else the smallest that is large enough.</summary>
internal static class VolumeMatch
{
    public static PersistentVolume? Find(PersistentVolumeClaim claim, IEnumerable<PersistentVolume> volumes)
    {
        PersistentVolume? best = null;
        foreach (var volume in volumes)
        {
            if (IsFor(volume, claim))
            {
                return volume;
            }
            if (Suits(volume, claim) && (best is null || Size(volume) < Size(best)))
            {
                best = volume;
            }
        }
        return best;
    }

    /// <summary>The volume names the claim: by UID, or by name where an administrator wrote it before the claim was made.</summary>
    public static bool IsFor(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } reference
        && reference.Namespace == claim.Metadata.Namespace && reference.Name == claim.Metadata.Name
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);

    private static bool Suits(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is null
        && volume is { Metadata.DeletionTimestamp: null, Status.Phase: "Available" }
        && (volume.Spec.StorageClassName ?? "") == (claim.Spec.StorageClassName ?? "")
        && (volume.Spec.VolumeAttributesClassName ?? "") == (claim.Spec.VolumeAttributesClassName ?? "")
        && (volume.Spec.VolumeMode ?? "Filesystem") == (claim.Spec.VolumeMode ?? "Filesystem")
        && (claim.Spec.AccessModes ?? []).All(mode => volume.Spec.AccessModes?.Contains(mode) == true)
        && (claim.Spec.Selector is null || claim.Spec.Selector.Matches(volume.Metadata.Labels))
        && Size(volume) >= Requested(claim);

    private static Quantity Size(PersistentVolume volume) => Parse(volume.Spec.Capacity);

    private static Quantity Requested(PersistentVolumeClaim claim) => Parse(claim.Spec.Resources?.Requests);

    private static Quantity Parse(IReadOnlyDictionary<string, string>? amounts) =>
        Quantity.TryParse(amounts?.GetValueOrDefault("storage"), out var amount) ? amount : Quantity.Zero;
}
