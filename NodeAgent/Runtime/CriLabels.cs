namespace Flotilla.NodeAgent.Runtime;

/// <summary>Labels that kubelets put on sandboxes and containers; other tools (crictl, log shippers) read them.</summary>
public static class CriLabels
{
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string ContainerName = "io.kubernetes.container.name";
}
