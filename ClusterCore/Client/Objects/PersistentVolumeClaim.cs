using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record PersistentVolumeClaim : KubernetesObject
{
    public PersistentVolumeClaimSpec Spec { get; set; } = new();
    public PersistentVolumeClaimStatus Status { get; set; } = new();
}

public sealed record PersistentVolumeClaimSpec
{
    public string[]? AccessModes { get; set; }
    public LabelSelectorSpec? Selector { get; set; }
    public VolumeResourceRequirements? Resources { get; set; }
    public string? VolumeName { get; set; }
    public string? StorageClassName { get; set; }
    public string? VolumeMode { get; set; }
    public TypedLocalObjectReference? DataSource { get; set; }
    public TypedObjectReference? DataSourceRef { get; set; }
    public string? VolumeAttributesClassName { get; set; }
}

public sealed record PersistentVolumeClaimStatus
{
    public string? Phase { get; set; }
    public string[]? AccessModes { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Capacity { get; set; }
    public PersistentVolumeClaimCondition[]? Conditions { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? AllocatedResources { get; set; }
    public IReadOnlyDictionary<string, string>? AllocatedResourceStatuses { get; set; }
    public string? CurrentVolumeAttributesClassName { get; set; }
}

public sealed record PersistentVolumeClaimCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastProbeTime { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}

public sealed record PersistentVolumeClaimTemplate
{
    public ObjectMeta? Metadata { get; set; }
    public PersistentVolumeClaimSpec? Spec { get; set; }
}

public sealed record VolumeResourceRequirements
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Limits { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Requests { get; set; }
}

public sealed record TypedLocalObjectReference
{
    public string? ApiGroup { get; set; }
    public string Kind { get; set; } = "";
    public string Name { get; set; } = "";
}

public sealed record TypedObjectReference
{
    public string? ApiGroup { get; set; }
    public string Kind { get; set; } = "";
    public string Name { get; set; } = "";
    public string? Namespace { get; set; }
}
