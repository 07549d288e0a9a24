using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Dns.Forwarding;
using Flotilla.NodeAgent.Network.Dns.Server;
using Flotilla.NodeAgent.Network.Dns.Zone;
using Flotilla.NodeAgent.Network.Routes;
using Flotilla.NodeAgent.Network.Services;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Network;

/// <summary>The network of one node: pod network, routes, Services and names.</summary>
public static class NodeNetwork
{
    /// <summary>Runs until cancelled. The node becomes able to run pods once its Node object has a pod range.</summary>
    public static async Task RunAsync(
        ApiClient client, NodeNetworkOptions options, CancellationToken cancellationToken, ILoggerFactory? loggers = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        clock ??= TimeProvider.System;
        loggers ??= NullLoggerFactory.Instance;
        var commands = new CommandRunner();
        var informers = new InformerFactory(client, clock, loggers);
        var proxyNode = new ProxyNode(options.NodeName, options.ClusterCidr, options.ServiceCidr, options.ClusterDns.ToString());
        var pods = new PodNetwork(informers, commands, options, clock, loggers.CreateLogger<PodNetwork>());
        var routes = new RouteController(informers, commands, options.NodeName, clock, loggers.CreateLogger<RouteController>());
        using var proxy = new ServiceProxy(informers, commands, proxyNode, clock, loggers.CreateLogger<ServiceProxy>());
        using var dns = await BuildDnsAsync(informers, commands, options, clock, loggers.CreateLogger<DnsServer>(), cancellationToken);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] parts =
        [
            pods.RunAsync(stop.Token), routes.RunAsync(stop.Token), proxy.RunAsync(stop.Token), dns.RunAsync(stop.Token),
            // Last: all of them have by now asked for the kinds they follow.
            informers.RunAsync(stop.Token),
        ];
        await Task.WhenAny(parts);
        await stop.CancelAsync();
        await Task.WhenAll(parts);
    }

    private static async Task<DnsServer> BuildDnsAsync(
        InformerFactory informers, CommandRunner commands, NodeNetworkOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        await commands.RunAsync("ip", ["address", "replace", $"{options.ClusterDns}/32", "dev", "lo"], null, cancellationToken);
        var records = new InformerRecords(informers.Get(Kinds.Namespaces), informers.Get(Kinds.Services), informers.Get(Kinds.EndpointSlices));
        var resolvConf = File.Exists(options.ResolvConf) ? await File.ReadAllTextAsync(options.ResolvConf, cancellationToken) : "";
        var forwarder = new Forwarder(ResolvConf.NameServers(resolvConf, options.ClusterDns), clock);
        var zone = new ClusterZone(options.ClusterDomain, options.ClusterDns, records, Random.Shared);
        return new(new IPEndPoint(options.ClusterDns, options.DnsPort), new QueryHandler(zone, forwarder), clock, logger);
    }
}
