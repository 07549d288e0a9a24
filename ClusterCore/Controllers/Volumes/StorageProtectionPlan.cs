using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Volumes;

internal enum Protection
{
    Keep,
    Add,

    /// <summary>It is being deleted, and nobody uses it any more.</summary>
    Remove,
}

/// <summary>Who is in use, and what becomes of the finalizer that says so.</summary>
internal static class StorageProtectionPlan
{
    public const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    public const string VolumeFinalizer = "kubernetes.io/pv-protection";

    public static Protection Compute(PersistentVolume volume) => Compute(volume, VolumeFinalizer, volume.Status.Phase == "Bound");

    /// <param name="pods">Of the claim's namespace.</param>
    public static Protection Compute(PersistentVolumeClaim claim, IEnumerable<Pod> pods) =>
        Compute(claim, ClaimFinalizer, pods.Any(pod => Uses(pod, claim.Metadata.Name)));

    public static IEnumerable<string> ClaimsOf(Pod pod) => (pod.Spec.Volumes ?? [])
        .Select(volume => volume.PersistentVolumeClaim?.ClaimName ?? $"{pod.Metadata.Name}-{volume.Name}");

    /// <summary>
    /// Until the pod is deleted, finished or not: its node may still have the volume mounted. A pod without a node has nothing yet,
    /// and its node will not start it while the claim is going.
    /// </summary>
    private static bool Uses(Pod pod, string claim) => !string.IsNullOrEmpty(pod.Spec.NodeName) && (pod.Spec.Volumes ?? []).Any(volume =>
        volume.PersistentVolumeClaim is { } own ? own.ClaimName == claim : !IsOver(pod) && $"{pod.Metadata.Name}-{volume.Name}" == claim);

    /// <summary>A pod that only its finalizers keep lets go of the claims that were made for it, which may be what these wait for.</summary>
    private static bool IsOver(Pod pod) => pod.IsTerminating() && pod.Metadata.DeletionGracePeriodSeconds == 0;

    private static Protection Compute(KubernetesObject value, string finalizer, bool isUsed)
    {
        var has = value.Metadata.Finalizers?.Contains(finalizer) == true;
        return value.Metadata.DeletionTimestamp is null ? has ? Protection.Keep : Protection.Add
            : has && !isUsed ? Protection.Remove
            : Protection.Keep;
    }
}
