namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Secret : KubernetesObject
{
    public bool? Immutable { get; set; }
    public IReadOnlyDictionary<string, byte[]>? Data { get; set; }
    public IReadOnlyDictionary<string, string>? StringData { get; set; }
    public string? Type { get; set; }
}
