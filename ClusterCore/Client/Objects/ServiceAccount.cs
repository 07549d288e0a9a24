namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ServiceAccount : KubernetesObject
{
    public ObjectReference[]? Secrets { get; set; }
    public LocalObjectReference[]? ImagePullSecrets { get; set; }
    public bool? AutomountServiceAccountToken { get; set; }
}
