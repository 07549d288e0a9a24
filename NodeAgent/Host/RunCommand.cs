using System.CommandLine;
using System.Net;
using Flotilla.ClusterCore.Client;

namespace Flotilla.NodeAgent.Host;

/// <summary><c>nodeagent run</c></summary>
internal static class RunCommand
{
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Required = true, Description = "How to reach the cluster, and as whom." };
    private static readonly Option<string?> BootstrapKubeconfig = new("--bootstrap-kubeconfig") { Description = "Asks for a certificate, and writes --kubeconfig, where that is not there." };
    private static readonly Option<bool> RotateCertificates = new("--rotate-certificates") { Description = "Renew the client certificate before it expires.", DefaultValueFactory = _ => true };
    private static readonly Option<bool> Tunnel = new("--tunnel") { Description = "Open connections for the API server to reach the kubelet by, where it cannot dial the node." };
    private static readonly Option<string> Name = new("--name") { Required = true, Description = "The node's name; of simulated nodes its beginning." };
    private static readonly Option<string> RootDirectory = new("--root-dir") { Description = "Pods' volumes and files.", DefaultValueFactory = _ => "/var/lib/flotilla/node" };
    private static readonly Option<string> Socket = new("--containerd-socket") { Description = "containerd's Unix socket.", DefaultValueFactory = _ => "/run/containerd/containerd.sock" };
    private static readonly Option<IPAddress> NodeIp = new("--node-ip") { Description = "The node's address; the kubelet serves on its port 10250.", CustomParser = result => IPAddress.Parse(result.Tokens[0].Value), DefaultValueFactory = _ => IPAddress.Loopback };
    private static readonly Option<string> CgroupRoot = new("--cgroup-root") { Description = "The cgroup below which pods' cgroups are made.", DefaultValueFactory = _ => "" };
    private static readonly Option<IPAddress> ClusterDns = new("--cluster-dns") { Description = "The address of the cluster's DNS service.", CustomParser = result => IPAddress.Parse(result.Tokens[0].Value), DefaultValueFactory = _ => IPAddress.Parse("10.96.0.10") };
    private static readonly Option<string> ClusterCidr = new("--cluster-cidr") { Description = "All pods of the cluster.", DefaultValueFactory = _ => "10.244.0.0/16" };
    private static readonly Option<string> ServiceCidr = new("--service-cidr") { Description = "All Services of the cluster.", DefaultValueFactory = _ => "10.96.0.0/16" };
    private static readonly Option<string> ClusterDomain = new("--cluster-domain") { Description = "The cluster's DNS domain.", DefaultValueFactory = _ => "cluster.local" };
    private static readonly Option<string> CniBinaries = new("--cni-bin-dir") { Description = "Where the CNI plugins are.", DefaultValueFactory = _ => "/usr/lib/cni" };
    private static readonly Option<string> CniConfiguration = new("--cni-conf-dir") { Description = "Where the pod network's configuration is written.", DefaultValueFactory = _ => "/etc/cni/net.d" };
    private static readonly Option<string> RuntimeKind = new("--runtime") { Description = "containerd or simulated.", DefaultValueFactory = _ => "containerd" };
    private static readonly Option<int> Count = new("--count") { Description = "How many simulated nodes.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> SimulationRules = new("--simulation-rules") { Description = "A JSON file that says how simulated containers behave." };

    public static Command Create()
    {
        RuntimeKind.AcceptOnlyFromAmong("containerd", "simulated");
        var command = new Command("run", "Run a node, or many simulated ones, until stopped.")
        {
            Kubeconfig, Name, RootDirectory, Socket, NodeIp, CgroupRoot, ClusterDns, ClusterCidr, ServiceCidr, ClusterDomain, CniBinaries, CniConfiguration, RuntimeKind, Count, SimulationRules,
            BootstrapKubeconfig, RotateCertificates, Tunnel,
        };
        KubeletFlags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals(cancellationToken);
        try
        {
            await new NodeProcess(Read(parsed), signals).RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or KubeconfigException or FormatException)
        {
            await Console.Error.WriteLineAsync($"nodeagent: {exception.Message}");
            return 1;
        }
    }

    private static RunOptions Read(ParseResult parsed) => new()
    {
        Kubeconfig = parsed.GetRequiredValue(Kubeconfig),
        Name = parsed.GetRequiredValue(Name),
        RootDirectory = Path.GetFullPath(parsed.GetRequiredValue(RootDirectory)),
        ContainerdSocket = parsed.GetRequiredValue(Socket),
        NodeIp = parsed.GetRequiredValue(NodeIp),
        CgroupRoot = parsed.GetRequiredValue(CgroupRoot),
        ClusterDns = parsed.GetRequiredValue(ClusterDns),
        ClusterCidr = parsed.GetRequiredValue(ClusterCidr),
        ServiceCidr = parsed.GetRequiredValue(ServiceCidr),
        ClusterDomain = parsed.GetRequiredValue(ClusterDomain),
        CniBinaries = parsed.GetRequiredValue(CniBinaries),
        CniConfiguration = parsed.GetRequiredValue(CniConfiguration),
        Simulated = parsed.GetValue(RuntimeKind) == "simulated",
        Count = parsed.GetValue(Count),
        SimulationRules = parsed.GetValue(SimulationRules),
        BootstrapKubeconfig = parsed.GetValue(BootstrapKubeconfig),
        RotateCertificates = parsed.GetValue(RotateCertificates),
        Tunnel = parsed.GetValue(Tunnel),
        Kubelet = KubeletFlags.Read(parsed),
    };
}
