using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record StatefulSet : KubernetesObject
{
    public StatefulSetSpec Spec { get; set; } = new();
    public StatefulSetStatus Status { get; set; } = new();
}

public sealed record StatefulSetSpec
{
    public int? Replicas { get; set; }
    public LabelSelectorSpec? Selector { get; set; }
    public RawJson? Template { get; set; }
    public RawJson[]? VolumeClaimTemplates { get; set; }
    public string? ServiceName { get; set; }
    public string? PodManagementPolicy { get; set; }
    public StatefulSetUpdateStrategy? UpdateStrategy { get; set; }
    public int? RevisionHistoryLimit { get; set; }
    public int MinReadySeconds { get; set; }
    public StatefulSetPersistentVolumeClaimRetentionPolicy? PersistentVolumeClaimRetentionPolicy { get; set; }
    public StatefulSetOrdinals? Ordinals { get; set; }
}

public sealed record StatefulSetUpdateStrategy
{
    public string? Type { get; set; }
    public RollingUpdateStatefulSetStrategy? RollingUpdate { get; set; }
}

public sealed record RollingUpdateStatefulSetStrategy
{
    public int? Partition { get; set; }
    public IntOrString? MaxUnavailable { get; set; }
}

public sealed record StatefulSetOrdinals
{
    public int Start { get; set; }
}

public sealed record StatefulSetPersistentVolumeClaimRetentionPolicy
{
    public string? WhenDeleted { get; set; }
    public string? WhenScaled { get; set; }
}

public sealed record StatefulSetStatus
{
    public long ObservedGeneration { get; set; }
    public int Replicas { get; set; }
    public int ReadyReplicas { get; set; }
    public int CurrentReplicas { get; set; }
    public int UpdatedReplicas { get; set; }
    public string? CurrentRevision { get; set; }
    public string? UpdateRevision { get; set; }
    public int? CollisionCount { get; set; }
    public StatefulSetCondition[]? Conditions { get; set; }
    public int AvailableReplicas { get; set; }
}

public sealed record StatefulSetCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}
