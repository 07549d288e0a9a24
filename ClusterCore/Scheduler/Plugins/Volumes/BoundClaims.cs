using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

internal static class BoundClaims
{
    public static bool IsBound(this PersistentVolumeClaim claim) =>
        claim.Spec?.VolumeName is { Length: > 0 }
        && claim.Metadata.Annotations?.ContainsKey("pv.kubernetes.io/bind-completed") == true;
}
