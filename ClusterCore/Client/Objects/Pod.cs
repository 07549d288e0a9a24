using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Pod : KubernetesObject
{
    public PodSpec Spec { get; set; } = new();
    public PodStatus Status { get; set; } = new();
}

public sealed record PodSpec
{
    public Volume[]? Volumes { get; set; }
    public Container[]? InitContainers { get; set; }
    public Container[]? Containers { get; set; }
    public EphemeralContainer[]? EphemeralContainers { get; set; }
    public string? RestartPolicy { get; set; }
    public long? TerminationGracePeriodSeconds { get; set; }
    public long? ActiveDeadlineSeconds { get; set; }
    public string? DnsPolicy { get; set; }
    public IReadOnlyDictionary<string, string>? NodeSelector { get; set; }
    public string? ServiceAccountName { get; set; }
    public string? ServiceAccount { get; set; }
    public bool? AutomountServiceAccountToken { get; set; }
    public string? NodeName { get; set; }
    public bool HostNetwork { get; set; }
    public bool HostPID { get; set; }
    public bool HostIPC { get; set; }
    public bool? ShareProcessNamespace { get; set; }
    public PodSecurityContext? SecurityContext { get; set; }
    public LocalObjectReference[]? ImagePullSecrets { get; set; }
    public string? Hostname { get; set; }
    public string? Subdomain { get; set; }
    public Affinity? Affinity { get; set; }
    public string? SchedulerName { get; set; }
    public Toleration[]? Tolerations { get; set; }
    public HostAlias[]? HostAliases { get; set; }
    public string? PriorityClassName { get; set; }
    public int? Priority { get; set; }
    public PodDNSConfig? DnsConfig { get; set; }
    public PodReadinessGate[]? ReadinessGates { get; set; }
    public string? RuntimeClassName { get; set; }
    public bool? EnableServiceLinks { get; set; }
    public string? PreemptionPolicy { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Overhead { get; set; }
    public TopologySpreadConstraint[]? TopologySpreadConstraints { get; set; }
    public bool? SetHostnameAsFQDN { get; set; }
    public PodOS? Os { get; set; }
    public bool? HostUsers { get; set; }
    public PodSchedulingGate[]? SchedulingGates { get; set; }
    public PodResourceClaim[]? ResourceClaims { get; set; }
    public ResourceRequirements? Resources { get; set; }
    public string? HostnameOverride { get; set; }
}

public sealed record PodSchedulingGate
{
    public string Name { get; set; } = "";
}

public sealed record PodResourceClaim
{
    public string Name { get; set; } = "";
}

public sealed record PodReadinessGate
{
    public string ConditionType { get; set; } = "";
}

public sealed record HostAlias
{
    public string Ip { get; set; } = "";
    public string[]? Hostnames { get; set; }
}

public sealed record PodDNSConfig
{
    public string[]? Nameservers { get; set; }
    public string[]? Searches { get; set; }
    public PodDNSConfigOption[]? Options { get; set; }
}

public sealed record PodDNSConfigOption
{
    public string? Name { get; set; }
    public string? Value { get; set; }
}

public sealed record PodOS
{
    public string Name { get; set; } = "";
}

public sealed record LocalObjectReference
{
    public string? Name { get; set; }
}
