using System.Security.Cryptography;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// The rules one Service needs on one node: pure. A worked example, two endpoints and a node port:
/// <code>
/// service-ips:         10.96.4.2 . tcp . 80      →  goto cluster-2
/// service-nodeports:   tcp . 30080               →  goto node-external-2
/// endpoints:           10.96.4.2 . tcp . 80 . 0  →  10.244.0.5 . 8080
///                      10.96.4.2 . tcp . 80 . 1  →  10.244.1.7 . 8080
/// nodeport-endpoints:  tcp . 30080 . 0           →  10.244.0.5 . 8080 …
/// </code>
/// </summary>
internal static class RuleCompiler
{
    private const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";
    private const string HeadlessLabel = "service.kubernetes.io/headless";

    public static ServiceRules Compile(Service? service, IReadOnlyCollection<EndpointSlice> slices, ProxyNode node)
    {
        if (service is null || !IsProxied(service, node)) { return ServiceRules.None; }
        var builder = new ServiceRulesBuilder(service, node);
        foreach (var port in service.Spec.Ports ?? [])
        {
            if ((port.Protocol ?? "TCP") is not ("TCP" or "UDP" or "SCTP")) { continue; }
            builder.AddPort(port, EndpointSelection.Of(port, slices, node));
        }
        return builder.Build();
    }

    /// <summary>A chain name's readable part may be cut or changed by later versions; the hash keeps it unique.</summary>
    public static string PortId(Service service, ServicePort port)
    {
        var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
        var readable = $"{service.Metadata.Namespace}/{service.Metadata.Name}/{protocol}/{port.Name ?? $"{port.Port}"}";
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(readable)), 0, 4);
        return $"{hash}-{readable}";
    }

    private static bool IsProxied(Service service, ProxyNode node) =>
        service.Spec is { ClusterIP: { Length: > 0 } ip, Type: not "ExternalName" } && ip != "None" && ip != node.ClusterDns && !ip.Contains(':', StringComparison.Ordinal)
        && service.Metadata.Labels?.ContainsKey(ProxyNameLabel) != true && service.Metadata.Labels?.ContainsKey(HeadlessLabel) != true;
}
