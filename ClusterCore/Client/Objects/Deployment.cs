using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Deployment : KubernetesObject
{
    public DeploymentSpec Spec { get; set; } = new();
    public DeploymentStatus Status { get; set; } = new();
}

public sealed record DeploymentSpec
{
    public int? Replicas { get; set; }
    public LabelSelectorSpec? Selector { get; set; }
    public RawJson? Template { get; set; }
    public DeploymentStrategy? Strategy { get; set; }
    public int MinReadySeconds { get; set; }
    public int? RevisionHistoryLimit { get; set; }
    public bool Paused { get; set; }
    public int? ProgressDeadlineSeconds { get; set; }
}

public sealed record DeploymentStrategy
{
    public string? Type { get; set; }
    public RollingUpdateDeployment? RollingUpdate { get; set; }
}

public sealed record RollingUpdateDeployment
{
    public IntOrString? MaxUnavailable { get; set; }
    public IntOrString? MaxSurge { get; set; }
}

public sealed record DeploymentStatus
{
    public long ObservedGeneration { get; set; }
    public int Replicas { get; set; }
    public int UpdatedReplicas { get; set; }
    public int ReadyReplicas { get; set; }
    public int AvailableReplicas { get; set; }
    public int UnavailableReplicas { get; set; }
    public int? TerminatingReplicas { get; set; }
    public DeploymentCondition[]? Conditions { get; set; }
    public int? CollisionCount { get; set; }
}

public sealed record DeploymentCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastUpdateTime { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
