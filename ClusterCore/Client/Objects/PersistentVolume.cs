using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record PersistentVolume : KubernetesObject
{
    public PersistentVolumeSpec Spec { get; set; } = new();
    public PersistentVolumeStatus Status { get; set; } = new();
}

public sealed record PersistentVolumeSpec
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Capacity { get; set; }
    public HostPathVolumeSource? HostPath { get; set; }
    public NFSVolumeSource? Nfs { get; set; }
    public LocalVolumeSource? Local { get; set; }
    public CSIPersistentVolumeSource? Csi { get; set; }
    public string[]? AccessModes { get; set; }
    public ObjectReference? ClaimRef { get; set; }
    public string? PersistentVolumeReclaimPolicy { get; set; }
    public string? StorageClassName { get; set; }
    public string[]? MountOptions { get; set; }
    public string? VolumeMode { get; set; }
    public VolumeNodeAffinity? NodeAffinity { get; set; }
    public string? VolumeAttributesClassName { get; set; }
}

public sealed record PersistentVolumeStatus
{
    public string? Phase { get; set; }
    public string? Message { get; set; }
    public string? Reason { get; set; }
    public DateTimeOffset? LastPhaseTransitionTime { get; set; }
}

public sealed record LocalVolumeSource
{
    public string Path { get; set; } = "";
    public string? FsType { get; set; }
}

public sealed record NFSVolumeSource
{
    public string Server { get; set; } = "";
    public string Path { get; set; } = "";
    public bool ReadOnly { get; set; }
}

public sealed record CSIPersistentVolumeSource
{
    public string Driver { get; set; } = "";
    public string VolumeHandle { get; set; } = "";
    public bool ReadOnly { get; set; }
    public string? FsType { get; set; }
    public IReadOnlyDictionary<string, string>? VolumeAttributes { get; set; }
    public SecretReference? ControllerPublishSecretRef { get; set; }
    public SecretReference? NodeStageSecretRef { get; set; }
    public SecretReference? NodePublishSecretRef { get; set; }
    public SecretReference? ControllerExpandSecretRef { get; set; }
    public SecretReference? NodeExpandSecretRef { get; set; }
}

public sealed record VolumeNodeAffinity
{
    public NodeSelector? Required { get; set; }
}

public sealed record SecretReference
{
    public string? Name { get; set; }
    public string? Namespace { get; set; }
}
