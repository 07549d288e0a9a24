using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Scheduler.Configuration;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary><c>clustercore serve</c></summary>
internal static class ServeCommand
{
    private static readonly Option<DirectoryInfo?> dataDirectory = new("--data-dir") { Description = "Where the API server keeps keys and objects." };
    private static readonly Option<string> listen = new("--listen") { Description = "Addresses to serve on, comma-separated.", DefaultValueFactory = _ => "127.0.0.1:6443" };
    private static readonly Option<FileInfo?> kubeconfig = new("--write-kubeconfig") { Description = "Where to write the admin's kubeconfig." };
    private static readonly Option<string?> etcdServers = new("--etcd-servers") { Description = "Keep objects in these etcd members and not in the embedded store." };
    private static readonly Option<FileInfo?> etcdAuthority = new("--etcd-cafile") { Description = "PEM certificate of the authority of the etcd members." };
    private static readonly Option<FileInfo?> etcdCertificate = new("--etcd-certfile") { Description = "PEM certificate shown to the etcd members." };
    private static readonly Option<FileInfo?> etcdKey = new("--etcd-keyfile") { Description = "PEM key of --etcd-certfile." };
    private static readonly Option<IPAddress?> advertise = new("--advertise-address") { Description = "Where nodes and pods reach this server; without: where it listens, or the address of the machine.", CustomParser = ReadAddress };
    private static readonly Option<string?> names = new("--tls-san") { Description = "More names and addresses for the server's certificate, comma-separated." };
    private static readonly Option<string> serviceNetwork = new("--service-cidr") { Description = "Addresses of Services.", DefaultValueFactory = _ => "10.96.0.0/16" };
    private static readonly Option<string> clusterNetwork = new("--cluster-cidr") { Description = "Addresses of pods.", DefaultValueFactory = _ => "10.244.0.0/16" };
    private static readonly Option<string> loadBalancerNetwork = new("--load-balancer-cidr") { Description = "Addresses of Services of type LoadBalancer; empty: another provider gives them theirs.", DefaultValueFactory = _ => "10.112.0.0/16" };
    private static readonly Option<TimeSpan> nodeGracePeriod = new("--node-monitor-grace-period") { Description = "How long a node may be silent before its pods are replaced.", DefaultValueFactory = _ => TimeSpan.FromSeconds(40) };
    private static readonly Option<FileInfo?> schedulerConfig = new("--scheduler-config") { Description = "A KubeSchedulerConfiguration: profiles, plugins and their arguments." };

    private static IEnumerable<Option> ServerOnly =>
        [dataDirectory, listen, kubeconfig, etcdServers, etcdAuthority, etcdCertificate, etcdKey, advertise, names, serviceNetwork, .. IssuerOptions.All];

    public static Command Create()
    {
        var command = new Command("serve", "Run one member of a control plane, or some of its parts.") { clusterNetwork, loadBalancerNetwork, nodeGracePeriod, schedulerConfig };
        foreach (var option in (Option[])[.. ServerOnly, .. ComponentOptions.All]) { command.Add(option); }
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (ServeOptions.Read(parsed.GetValue(dataDirectory), parsed.GetValue(listen)!, parsed.GetValue(serviceNetwork)!, parsed.GetValue(clusterNetwork)!, parsed.GetValue(loadBalancerNetwork)!, out var problem) is not { } networked
            || ComponentOptions.Read(parsed, networked, ServerOnly, out problem) is not { } options)
        {
            await Console.Error.WriteLineAsync(problem);
            return 2;
        }

        if (IssuerOptions.Read(parsed, out problem) is not { } issuers)
        {
            await Console.Error.WriteLineAsync(problem);
            return 2;
        }

        options = options with
        {
            JwtIssuers = issuers,
            WrittenKubeconfig = parsed.GetValue(kubeconfig)?.FullName,
            EtcdServers = Split(parsed.GetValue(etcdServers)),
            EtcdAuthority = parsed.GetValue(etcdAuthority)?.FullName,
            EtcdCertificate = parsed.GetValue(etcdCertificate)?.FullName,
            EtcdKey = parsed.GetValue(etcdKey)?.FullName,
            AdvertiseAddress = parsed.GetValue(advertise) ?? AddressOf(options.Listen),
            AlternativeNames = Split(parsed.GetValue(names)),
            NodeMonitorGracePeriod = parsed.GetValue(nodeGracePeriod),
        };
        try
        {
            if (parsed.GetValue(schedulerConfig) is { } file)
            {
                options = options with { Scheduler = await ConfigurationFile.LoadAsync(file.FullName, cancellationToken) };
            }

            await new ControlPlane(options).RunAsync(cancellationToken);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ServeException or SchedulerConfigurationException or KubeconfigException)
        {
            await Console.Error.WriteLineAsync($"clustercore: {exception.Message}");
            return 1;
        }
    }

    private static IPAddress? ReadAddress(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out var address)) { return address; }
        result.AddError($"--advertise-address {result.Tokens[0].Value}: not an IP address");
        return null;
    }

    /// <summary>Who listens on every address is found at the machine's own.</summary>
    private static IPAddress? AddressOf(IReadOnlyList<IPEndPoint> listen) =>
        listen.FirstOrDefault(static end => end.Address.Equals(IPAddress.Any) || end.Address.Equals(IPAddress.IPv6Any)) is { } any ? HostAddress.Of(any.AddressFamily) : null;

    private static string[] Split(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
