namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Namespace : KubernetesObject
{
    public NamespaceSpec Spec { get; set; } = new();
    public NamespaceStatus Status { get; set; } = new();
}

public sealed record NamespaceSpec
{
    public string[]? Finalizers { get; set; }
}

public sealed record NamespaceStatus
{
    public string? Phase { get; set; }
    public NamespaceCondition[]? Conditions { get; set; }
}

public sealed record NamespaceCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
