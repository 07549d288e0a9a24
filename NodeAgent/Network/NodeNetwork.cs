using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Dns.Forwarding;
using Flotilla.NodeAgent.Network.Dns.Server;
using Flotilla.NodeAgent.Network.Dns.Zone;
using Flotilla.NodeAgent.Network.Routes;
using Flotilla.NodeAgent.Network.Services;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network;

/// <summary>The network of one node: pod network, routes, Services and names. The informers are the process's; their factory is run by its host.</summary>
public sealed partial class NodeNetwork : IDisposable
{
    private readonly NodeNetworkOptions options;
    private readonly ILogger logger;
    private readonly CommandRunner commands = new();
    private readonly Nftables nftables = new();
    private readonly PodNetwork pods;
    private readonly RouteController routes;
    private readonly ServiceProxy proxy;
    private readonly Forwarder forwarder;
    private readonly DnsServer dns;
    private readonly Informer<ConfigMap> dnsConfiguration;
    private readonly IReadOnlyList<IPEndPoint> upstream;

    public NodeNetwork(ApiClient client, InformerFactory informers, NodeNetworkOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        this.options = options;
        logger = loggers.CreateLogger<NodeNetwork>();
        var proxyNode = new ProxyNode(options.NodeName, options.ClusterCidr, options.ServiceCidr, options.ClusterDns.ToString());
        pods = new(informers, commands, options, clock, loggers.CreateLogger<PodNetwork>());
        routes = new(informers, new RouteTable(commands), options.NodeName, clock, loggers.CreateLogger<RouteController>());
        proxy = new(informers, nftables, commands, proxyNode, clock, loggers.CreateLogger<ServiceProxy>());
        upstream = ResolvConf.NameServers(File.Exists(options.ResolvConf) ? File.ReadAllText(options.ResolvConf) : "", options.ClusterDns);
        forwarder = new(new(upstream), clock);
        var records = new InformerRecords(informers.Get(Kinds.Namespaces), informers.Get(Kinds.Services), informers.Get(Kinds.EndpointSlices));
        var zone = new ClusterZone(options.ClusterDomain, options.ClusterDns, records, Random.Shared);
        dns = new(new(options.ClusterDns, options.DnsPort), new(zone, forwarder), clock, loggers.CreateLogger<DnsServer>());
        dnsConfiguration = new(client, Kinds.ConfigMaps, new() { Namespace = DnsConfigMap.Namespace, FieldSelector = $"metadata.name={DnsConfigMap.Name}" }, clock, logger);
        dnsConfiguration.AddHandler(change => Configure(change.New));
    }

    /// <summary>Runs until cancelled. The node becomes able to run pods once its Node object has a pod range.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await commands.RunAsync("ip", ["address", "replace", $"{options.ClusterDns}/32", "dev", "lo"], null, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] parts = [pods.RunAsync(stop.Token), routes.RunAsync(stop.Token), proxy.RunAsync(stop.Token), dns.RunAsync(stop.Token), dnsConfiguration.RunAsync(stop.Token)];
        await Task.WhenAny(parts);
        await stop.CancelAsync();
        await Task.WhenAll(parts);
    }

    public void Dispose()
    {
        proxy.Dispose();
        nftables.Dispose();
        dns.Dispose();
    }

    private void Configure(ConfigMap? map)
    {
        try
        {
            forwarder.Use(DnsConfigMap.Read(map, upstream, options.ClusterDns));
        }
        catch (FormatException exception)
        {
            LogBadConfiguration(logger, DnsConfigMap.Namespace, DnsConfigMap.Name, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ConfigMap {Namespace}/{Name} is not used: {Reason}")]
    private static partial void LogBadConfiguration(ILogger logger, string @namespace, string name, string reason);
}
