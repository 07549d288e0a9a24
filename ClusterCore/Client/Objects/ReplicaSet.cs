using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ReplicaSet : KubernetesObject
{
    public ReplicaSetSpec Spec { get; set; } = new();
    public ReplicaSetStatus Status { get; set; } = new();
}

public sealed record ReplicaSetSpec
{
    public int? Replicas { get; set; }
    public int MinReadySeconds { get; set; }
    public LabelSelectorSpec? Selector { get; set; }
    public RawJson? Template { get; set; }
}

public sealed record ReplicaSetStatus
{
    public int Replicas { get; set; }
    public int FullyLabeledReplicas { get; set; }
    public int ReadyReplicas { get; set; }
    public int AvailableReplicas { get; set; }
    public int? TerminatingReplicas { get; set; }
    public long ObservedGeneration { get; set; }
    public ReplicaSetCondition[]? Conditions { get; set; }
}

public sealed record ReplicaSetCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
