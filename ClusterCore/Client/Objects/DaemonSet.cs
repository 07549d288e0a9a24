using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record DaemonSet : KubernetesObject
{
    public DaemonSetSpec Spec { get; set; } = new();
    public DaemonSetStatus Status { get; set; } = new();
}

public sealed record DaemonSetSpec
{
    public LabelSelectorSpec? Selector { get; set; }
    public RawJson? Template { get; set; }
    public DaemonSetUpdateStrategy? UpdateStrategy { get; set; }
    public int MinReadySeconds { get; set; }
    public int? RevisionHistoryLimit { get; set; }
}

public sealed record DaemonSetUpdateStrategy
{
    public string? Type { get; set; }
    public RollingUpdateDaemonSet? RollingUpdate { get; set; }
}

public sealed record RollingUpdateDaemonSet
{
    public IntOrString? MaxUnavailable { get; set; }
    public IntOrString? MaxSurge { get; set; }
}

public sealed record DaemonSetStatus
{
    public int CurrentNumberScheduled { get; set; }
    public int NumberMisscheduled { get; set; }
    public int DesiredNumberScheduled { get; set; }
    public int NumberReady { get; set; }
    public long ObservedGeneration { get; set; }
    public int UpdatedNumberScheduled { get; set; }
    public int NumberAvailable { get; set; }
    public int NumberUnavailable { get; set; }
    public int? CollisionCount { get; set; }
    public DaemonSetCondition[]? Conditions { get; set; }
}

public sealed record DaemonSetCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
