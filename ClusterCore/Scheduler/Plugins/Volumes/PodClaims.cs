using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>The claims a pod mounts: by name, or made for it from a template of its own.</summary>
internal static class PodClaims
{
    public static bool Any(PodInfo pod)
    {
        foreach (var volume in pod.Volumes)
        {
            if (volume.PersistentVolumeClaim is not null || volume.Ephemeral is not null) { return true; }
        }
        return false;
    }

    public static IEnumerable<(string Name, bool Ephemeral)> Of(PodInfo pod)
    {
        foreach (var volume in pod.Volumes)
        {
            if (volume.PersistentVolumeClaim is { } source) { yield return (source.ClaimName, false); }
            else if (volume.Ephemeral is not null) { yield return ($"{pod.Name}-{volume.Name}", true); }
        }
    }

    public static bool IsBound(this PersistentVolumeClaim claim) =>
        claim.Spec?.VolumeName is { Length: > 0 }
        && claim.Metadata.Annotations?.ContainsKey("pv.kubernetes.io/bind-completed") == true;
}
