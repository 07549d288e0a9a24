using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Which pods a cluster cannot do without, and which make way for which.</summary>
internal static class PodImportance
{
    /// <summary>The priority of system-cluster-critical.</summary>
    public const int CriticalPriority = 2_000_000_000;

    /// <summary>The mirror of a pod that the node itself has been given, which nobody has scheduled.</summary>
    public static bool IsStatic(Pod pod) => pod.Metadata.Annotations?.ContainsKey("kubernetes.io/config.mirror") == true;

    public static bool IsCritical(Pod pod) => pod.Spec.Priority >= CriticalPriority || IsStatic(pod);

    /// <summary>A critical pod before one that is not; between two of a kind the priority decides, where both have one.</summary>
    public static bool GoesBefore(Pod pod, Pod other) => (IsCritical(pod) && !IsCritical(other)) || pod.Spec.Priority > other.Spec.Priority;
}
