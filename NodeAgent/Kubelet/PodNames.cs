using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet;

internal static class PodNames
{
    /// <summary>As messages name a pod: <c>web-1_default(9b0c…)</c>.</summary>
    public static string Full(Pod pod) => $"{pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})";
}
