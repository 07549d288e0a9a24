using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>Where the runtime writes what containers say.</summary>
internal static class PodLogs
{
    public static string Directory(KubeletOptions options, Pod pod) =>
        Path.Combine(options.LogDirectory, $"{pod.Metadata.Namespace}_{pod.Metadata.Name}_{pod.Metadata.Uid}");

    /// <summary>Relative to the pod's directory.</summary>
    public static string File(string container, uint attempt) => $"{container}/{attempt}.log";
}
