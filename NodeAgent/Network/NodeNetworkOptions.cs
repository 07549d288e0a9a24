using System.Net;

namespace Flotilla.NodeAgent.Network;

/// <summary>What the node's network needs to know. The process runs in the node's network namespace.</summary>
public sealed record NodeNetworkOptions
{
    public required string NodeName { get; init; }

    /// <summary>The node's address in the cluster's network: node ports answer here.</summary>
    public required IPAddress NodeIp { get; init; }

    /// <summary>The address pods ask for names; put on the loopback device of the node.</summary>
    public IPAddress ClusterDns { get; init; } = IPAddress.Parse("10.96.0.10");

    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>All pods of the cluster: between them addresses are not translated.</summary>
    public string ClusterCidr { get; init; } = "10.244.0.0/16";

    /// <summary>All Services of the cluster: what is none of them is refused, and never leaves the node.</summary>
    public string ServiceCidr { get; init; } = "10.96.0.0/16";

    /// <summary>Where containerd looks for the CNI configuration of this node.</summary>
    public required string CniConfDirectory { get; init; }

    /// <summary>Where host-local keeps the addresses it gave out. Nodes on one machine must not share it.</summary>
    public required string CniDataDirectory { get; init; }

    /// <summary>Names outside the cluster's domain are asked of the servers named here.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    public int DnsPort { get; init; } = 53;
}
