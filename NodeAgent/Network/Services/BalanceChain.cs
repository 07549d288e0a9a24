namespace Flotilla.NodeAgent.Network.Services;

/// <summary>How a Service is addressed, and the maps that hold what is addressed so.</summary>
/// <param name="Key">What of a packet the maps are asked for.</param>
/// <param name="Outside">Asked first for packets from outside the cluster: Services that keep their clients' addresses.</param>
internal sealed record Frontend(
    string Prefix, string Key, string Services, string Outside, string WithoutEndpoints, string Endpoints, string LocalEndpoints)
{
    public static Frontend Address { get; } = new(
        "", "ip daddr . meta l4proto . th dport", "service-ips", "outside-ips", "no-endpoint-services", "endpoints", "local-endpoints");

    public static Frontend NodePort { get; } = new(
        "node-", "meta l4proto . th dport", "service-nodeports", "outside-nodeports", "no-endpoint-nodeports", "nodeport-endpoints", "local-nodeport-endpoints");
}

/// <summary>Whose address the endpoint sees; a node in between needs to see the answer, or the client does not know who it is from.</summary>
internal enum Balancing
{
    /// <summary>A pod's own; the node's for everybody else.</summary>
    Cluster,

    /// <summary>The node's.</summary>
    External,

    /// <summary>The client's: the endpoints are on this node.</summary>
    Local,
}

/// <summary>
/// The chain of all Services with one number of endpoints: a number is drawn, and the map has the endpoint behind it. So a Service is
/// nothing but elements of maps, and a change of it costs the same among five Services as among five thousand.
/// </summary>
internal readonly record struct BalanceChain(Frontend Frontend, Balancing Balancing, int Endpoints)
{
    public string Name => $"{Frontend.Prefix}{NameOf(Balancing)}-{Endpoints}";

    public string EndpointMap => Balancing == Balancing.Local ? Frontend.LocalEndpoints : Frontend.Endpoints;

    public static string NameOf(Balancing balancing) => balancing switch
    {
        Balancing.Cluster => "cluster",
        Balancing.External => "external",
        _ => "local",
    };

    /// <summary>The rule that comes before the choice.</summary>
    public static string? Masquerade(Balancing balancing, ProxyNode node) => balancing switch
    {
        Balancing.Cluster => $"ip saddr != {node.ClusterCidr} jump {ProxyTable.MarkForMasquerade}",
        Balancing.External => $"jump {ProxyTable.MarkForMasquerade}",
        _ => null,
    };

    // The number drawn stands in the connection's mark: nft 1.0.6 takes no numgen in the key of a map that is there already.
    public NftChain Build(ProxyNode node) => new(
        Name,
        [
            .. Masquerade(Balancing, node) is { } first ? [first] : (string[])[],
            $"ct mark set numgen random mod {Endpoints} meta l4proto {{ tcp, udp, sctp }} dnat ip to {Frontend.Key} . ct mark map @{EndpointMap}",
        ]);
}
