using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Node : KubernetesObject
{
    public NodeSpec Spec { get; set; } = new();
    public NodeStatus Status { get; set; } = new();
}

public sealed record NodeSpec
{
    public string? PodCIDR { get; set; }
    public string[]? PodCIDRs { get; set; }
    public string? ProviderID { get; set; }
    public bool Unschedulable { get; set; }
    public Taint[]? Taints { get; set; }
    public string? ExternalID { get; set; }
}

public sealed record NodeStatus
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Capacity { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Allocatable { get; set; }
    public string? Phase { get; set; }
    public NodeCondition[]? Conditions { get; set; }
    public NodeAddress[]? Addresses { get; set; }
    public NodeDaemonEndpoints? DaemonEndpoints { get; set; }
    public NodeSystemInfo? NodeInfo { get; set; }
    public ContainerImage[]? Images { get; set; }
    public string[]? VolumesInUse { get; set; }
    public AttachedVolume[]? VolumesAttached { get; set; }
    public string[]? DeclaredFeatures { get; set; }
}

public sealed record NodeCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastHeartbeatTime { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}

public sealed record NodeAddress
{
    public string Type { get; set; } = "";
    public string Address { get; set; } = "";
}

public sealed record NodeDaemonEndpoints
{
    public DaemonEndpoint? KubeletEndpoint { get; set; }
}

public sealed record DaemonEndpoint
{
    [JsonPropertyName("Port")]
    public int Port { get; set; }
}

public sealed record NodeSystemInfo
{
    public string MachineID { get; set; } = "";
    public string SystemUUID { get; set; } = "";
    public string BootID { get; set; } = "";
    public string KernelVersion { get; set; } = "";
    public string OsImage { get; set; } = "";
    public string ContainerRuntimeVersion { get; set; } = "";
    public string KubeletVersion { get; set; } = "";
    public string KubeProxyVersion { get; set; } = "";
    public string OperatingSystem { get; set; } = "";
    public string Architecture { get; set; } = "";
}

public sealed record ContainerImage
{
    public string[]? Names { get; set; }
    public long SizeBytes { get; set; }
}

public sealed record AttachedVolume
{
    public string Name { get; set; } = "";
    public string DevicePath { get; set; } = "";
}
