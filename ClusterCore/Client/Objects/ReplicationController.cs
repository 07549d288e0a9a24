using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ReplicationController : KubernetesObject
{
    public ReplicationControllerSpec Spec { get; set; } = new();
    public ReplicationControllerStatus Status { get; set; } = new();
}

public sealed record ReplicationControllerSpec
{
    public int? Replicas { get; set; }
    public int MinReadySeconds { get; set; }
    public IReadOnlyDictionary<string, string>? Selector { get; set; }
    public RawJson? Template { get; set; }
}

public sealed record ReplicationControllerStatus
{
    public int Replicas { get; set; }
    public int FullyLabeledReplicas { get; set; }
    public int ReadyReplicas { get; set; }
    public int AvailableReplicas { get; set; }
    public long ObservedGeneration { get; set; }
    public ReplicationControllerCondition[]? Conditions { get; set; }
}

public sealed record ReplicationControllerCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
