namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ConfigMap : KubernetesObject
{
    public bool? Immutable { get; set; }
    public IReadOnlyDictionary<string, string>? Data { get; set; }
    public IReadOnlyDictionary<string, byte[]>? BinaryData { get; set; }
}
