using System.Net;
using Flotilla.NodeAgent.Kubelet;
using Flotilla.NodeAgent.Network;

namespace Flotilla.NodeAgent.Host;

/// <summary>What <c>nodeagent run</c> was told.</summary>
internal sealed record RunOptions
{
    public required string Kubeconfig { get; init; }

    public required string Name { get; init; }

    public required string RootDirectory { get; init; }

    public required string ContainerdSocket { get; init; }

    public required IPAddress NodeIp { get; init; }

    public required string CgroupRoot { get; init; }

    public required IPAddress ClusterDns { get; init; }

    public required string ClusterCidr { get; init; }

    public required string ServiceCidr { get; init; }

    public required string ClusterDomain { get; init; }

    public required string CniBinaries { get; init; }

    public required string CniConfiguration { get; init; }

    public bool Simulated { get; init; }

    public int Count { get; init; } = 1;

    public string? SimulationRules { get; init; }

    /// <summary>With it a node without a kubeconfig asks for one.</summary>
    public string? BootstrapKubeconfig { get; init; }

    /// <summary>Whether the client certificate is renewed before it expires.</summary>
    public bool RotateCertificates { get; init; } = true;

    /// <summary>Whether the API server is given connections back, because it cannot dial the node.</summary>
    public bool Tunnel { get; init; }

    /// <summary>Sets what flags of the kubelet's own say.</summary>
    public Func<KubeletOptions, KubeletOptions> Kubelet { get; init; } = static options => options;

    public KubeletOptions ForKubelet() => Kubelet(new()
    {
        NodeName = Name,
        NodeIp = NodeIp,
        RootDirectory = RootDirectory,
        CgroupRoot = CgroupRoot,
        ClusterDns = ClusterDns.ToString(),
        ClusterDomain = ClusterDomain,
        ResolvConf = ResolvConf(),
    });

    /// <summary>Simulated nodes write no logs, and those of the machine they run on are none of theirs.</summary>
    public KubeletOptions ForSimulation() => ForKubelet() with { LogDirectory = Path.Combine(RootDirectory, "logs", "pods") };

    public NodeNetworkOptions ForNetwork() => new()
    {
        NodeName = Name,
        NodeIp = NodeIp,
        ClusterDns = ClusterDns,
        ClusterDomain = ClusterDomain,
        ClusterCidr = ClusterCidr,
        ServiceCidr = ServiceCidr,
        CniConfDirectory = CniConfiguration,
        CniDataDirectory = Path.Combine(RootDirectory, "cni-addresses"),
        ResolvConf = ResolvConf(),
    };

    /// <summary>Behind systemd-resolved the usual file names a server on the loopback of the machine, which no pod can reach.</summary>
    private static string ResolvConf() =>
        File.Exists("/run/systemd/resolve/resolv.conf") ? "/run/systemd/resolve/resolv.conf" : "/etc/resolv.conf";
}
