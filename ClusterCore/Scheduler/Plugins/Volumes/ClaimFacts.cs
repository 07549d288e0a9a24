using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

internal static class ClaimFacts
{
    public static bool IsBound(this PersistentVolumeClaim claim) =>
        claim.Spec?.VolumeName is { Length: > 0 }
        && claim.Metadata.Annotations?.ContainsKey("pv.kubernetes.io/bind-completed") == true;

    /// <summary>The queueing hint of events of claims: only its own help a pod.</summary>
    public static bool HasClaim(PodInfo pod, ClusterEvent change) => change.Object is not { Metadata: { } claim }
        || (claim.Namespace == pod.Namespace && Array.Exists(pod.Claims, one => one.Name == claim.Name));
}
