namespace Flotilla.ClusterCore.Client.Objects;

public sealed record EndpointSlice : KubernetesObject
{
    public string AddressType { get; set; } = "";
    public Endpoint[]? Endpoints { get; set; }
    public EndpointSlicePort[]? Ports { get; set; }
}

public sealed record Endpoint
{
    public string[]? Addresses { get; set; }
    public EndpointConditions? Conditions { get; set; }
    public string? Hostname { get; set; }
    public ObjectReference? TargetRef { get; set; }
    public IReadOnlyDictionary<string, string>? DeprecatedTopology { get; set; }
    public string? NodeName { get; set; }
    public string? Zone { get; set; }
    public EndpointHints? Hints { get; set; }
}

public sealed record EndpointConditions
{
    public bool? Ready { get; set; }
    public bool? Serving { get; set; }
    public bool? Terminating { get; set; }
}

public sealed record EndpointHints
{
    public ForZone[]? ForZones { get; set; }
    public ForNode[]? ForNodes { get; set; }
}

public sealed record ForZone
{
    public string Name { get; set; } = "";
}

public sealed record ForNode
{
    public string Name { get; set; } = "";
}

public sealed record EndpointSlicePort
{
    public string? Name { get; set; }
    public string? Protocol { get; set; }
    public int? Port { get; set; }
    public string? AppProtocol { get; set; }
}
