namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Endpoints : KubernetesObject
{
    public EndpointSubset[]? Subsets { get; set; }
}

public sealed record EndpointSubset
{
    public EndpointAddress[]? Addresses { get; set; }
    public EndpointAddress[]? NotReadyAddresses { get; set; }
    public EndpointsPort[]? Ports { get; set; }
}

public sealed record EndpointAddress
{
    public string Ip { get; set; } = "";
    public string? Hostname { get; set; }
    public string? NodeName { get; set; }
    public ObjectReference? TargetRef { get; set; }
}

public sealed record EndpointsPort
{
    public string? Name { get; set; }
    public int Port { get; set; }
    public string? Protocol { get; set; }
    public string? AppProtocol { get; set; }
}
