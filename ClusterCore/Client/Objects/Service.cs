namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Service : KubernetesObject
{
    public ServiceSpec Spec { get; set; } = new();
    public ServiceStatus Status { get; set; } = new();
}

public sealed record ServiceSpec
{
    public ServicePort[]? Ports { get; set; }
    public IReadOnlyDictionary<string, string>? Selector { get; set; }
    public string? ClusterIP { get; set; }
    public string[]? ClusterIPs { get; set; }
    public string? Type { get; set; }
    public string[]? ExternalIPs { get; set; }
    public string? SessionAffinity { get; set; }
    public string? LoadBalancerIP { get; set; }
    public string[]? LoadBalancerSourceRanges { get; set; }
    public string? ExternalName { get; set; }
    public string? ExternalTrafficPolicy { get; set; }
    public int HealthCheckNodePort { get; set; }
    public bool PublishNotReadyAddresses { get; set; }
    public SessionAffinityConfig? SessionAffinityConfig { get; set; }
    public string[]? IpFamilies { get; set; }
    public string? IpFamilyPolicy { get; set; }
    public bool? AllocateLoadBalancerNodePorts { get; set; }
    public string? LoadBalancerClass { get; set; }
    public string? InternalTrafficPolicy { get; set; }
    public string? TrafficDistribution { get; set; }
}

public sealed record ServicePort
{
    public string? Name { get; set; }
    public string? Protocol { get; set; }
    public string? AppProtocol { get; set; }
    public int Port { get; set; }
    public IntOrString? TargetPort { get; set; }
    public int NodePort { get; set; }
}

public sealed record SessionAffinityConfig
{
    public ClientIPConfig? ClientIP { get; set; }
}

public sealed record ClientIPConfig
{
    public int? TimeoutSeconds { get; set; }
}

public sealed record ServiceStatus
{
    public LoadBalancerStatus? LoadBalancer { get; set; }
    public Condition[]? Conditions { get; set; }
}

public sealed record LoadBalancerStatus
{
    public LoadBalancerIngress[]? Ingress { get; set; }
}

public sealed record LoadBalancerIngress
{
    public string? Ip { get; set; }
    public string? Hostname { get; set; }
    public string? IpMode { get; set; }
    public PortStatus[]? Ports { get; set; }
}

public sealed record PortStatus
{
    public int Port { get; set; }
    public string Protocol { get; set; } = "";
    public string? Error { get; set; }
}
