namespace Flotilla.ClusterCore.Client.Objects;

public sealed record PriorityClass : KubernetesObject
{
    public int Value { get; set; }
    public bool GlobalDefault { get; set; }
    public string? Description { get; set; }
    public string? PreemptionPolicy { get; set; }
}
