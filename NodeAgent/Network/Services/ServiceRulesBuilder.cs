using System.Collections.Immutable;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Services;

internal sealed class ServiceRulesBuilder(Service service, ProxyNode node)
{
    private const int DefaultAffinitySeconds = 10800;

    private readonly ImmutableArray<NftChain>.Builder chains = ImmutableArray.CreateBuilder<NftChain>();
    private readonly ImmutableSortedDictionary<string, string>.Builder sets = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
    private readonly ImmutableHashSet<NftElement>.Builder elements = ImmutableHashSet.CreateBuilder<NftElement>();

    private ServiceSpec Spec => service.Spec!;

    public ServiceRules Build() => new() { Chains = chains.ToImmutable(), Sets = sets.ToImmutable(), Elements = elements.ToImmutable() };

    public void AddPort(ServicePort port, EndpointSelection endpoints)
    {
        var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
        var id = RuleCompiler.PortId(service, port);
        elements.Add(new(ProxyTable.ClusterIps, Spec.ClusterIP!));
        foreach (var local in endpoints.Local) { elements.Add(new(ProxyTable.Hairpin, $"{local.Ip} . {local.Ip}")); }
        if (endpoints.Cluster.Count > 0)
        {
            AddBalancer($"service-{id}", protocol, port, endpoints.Cluster,
                $"ip daddr {Spec.ClusterIP} ip saddr != {node.ClusterCidr} jump {ProxyTable.MarkForMasquerade}");
        }
        if (endpoints.Local.Count > 0 && (Spec.InternalTrafficPolicy == "Local" || IsExternal(port) && Spec.ExternalTrafficPolicy == "Local"))
        {
            AddBalancer($"local-{id}", protocol, port, endpoints.Local);
        }
        AddClusterIp(id, protocol, port, endpoints);
        AddExternal(id, protocol, port, endpoints);
    }

    private void AddClusterIp(string id, string protocol, ServicePort port, EndpointSelection endpoints)
    {
        var local = Spec.InternalTrafficPolicy == "Local";
        var key = $"{Spec.ClusterIP} . {protocol} . {port.Port}";
        if (endpoints.Cluster.Count == 0) { elements.Add(new(ProxyTable.NoEndpointServices, key, ProxyTable.GotoReject)); }
        else if (local && endpoints.Local.Count == 0) { elements.Add(new(ProxyTable.NoEndpointServices, key, "drop")); }
        else { elements.Add(new(ProxyTable.ServiceIps, key, $"goto {(local ? "local" : "service")}-{id}")); }
    }

    private void AddExternal(string id, string protocol, ServicePort port, EndpointSelection endpoints)
    {
        if (!IsExternal(port)) { return; }
        var target = $"goto external-{id}";
        if (endpoints.Cluster.Count > 0) { AddExternalChain(id, endpoints); }
        foreach (var ip in ExternalIps())
        {
            var key = $"{ip} . {protocol} . {port.Port}";
            elements.Add(endpoints.Cluster.Count > 0 ? new(ProxyTable.ServiceIps, key, target) : new(ProxyTable.NoEndpointServices, key, ProxyTable.GotoReject));
        }
        if (port.NodePort > 0)
        {
            var key = $"{protocol} . {port.NodePort}";
            elements.Add(endpoints.Cluster.Count > 0 ? new(ProxyTable.ServiceNodePorts, key, target) : new(ProxyTable.NoEndpointNodePorts, key, ProxyTable.GotoReject));
        }
        AddFirewall(id, protocol, port);
    }

    private void AddExternalChain(string id, EndpointSelection endpoints)
    {
        if (Spec.ExternalTrafficPolicy != "Local")
        {
            chains.Add(new($"external-{id}", [$"jump {ProxyTable.MarkForMasquerade}", $"goto service-{id}"]));
            return;
        }
        // From inside the cluster every endpoint will do; from outside only a local one, which then sees the client's address.
        ImmutableArray<string> rules =
        [
            $"ip saddr {node.ClusterCidr} goto service-{id}",
            $"fib saddr type local jump {ProxyTable.MarkForMasquerade}",
            $"fib saddr type local goto service-{id}",
            endpoints.Local.Count > 0 ? $"goto local-{id}" : "drop",
        ];
        chains.Add(new($"external-{id}", rules));
    }

    private void AddFirewall(string id, string protocol, ServicePort port)
    {
        if (Spec.LoadBalancerSourceRanges is not { Length: > 0 } ranges || Spec.Type != "LoadBalancer") { return; }
        var allowed = ranges.Select(range => range.Trim()).Where(range => !range.Contains(':', StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        chains.Add(new($"firewall-{id}", [$"ip saddr != {{ {string.Join(", ", allowed)} }} drop"]));
        foreach (var ip in LoadBalancerIps()) { elements.Add(new(ProxyTable.FirewallIps, $"{ip} . {protocol} . {port.Port}", $"goto firewall-{id}")); }
    }

    private void AddBalancer(string name, string protocol, ServicePort port, IReadOnlyList<EndpointAddress> endpoints, params ReadOnlySpan<string> first)
    {
        if (Spec.SessionAffinity == "ClientIP") { AddAffinityBalancer(name, protocol, port, endpoints, first); return; }
        var targets = string.Join(", ", endpoints.Select((endpoint, index) => $"{index} : {endpoint.Ip} . {endpoint.Port}"));
        chains.Add(new(name, [.. first, $"meta l4proto {protocol} dnat ip to numgen random mod {endpoints.Count} map {{ {targets} }}"]));
    }

    // Each endpoint remembers its clients in a set of its own: what an endpoint knows goes when it goes.
    private void AddAffinityBalancer(string name, string protocol, ServicePort port, IReadOnlyList<EndpointAddress> endpoints, ReadOnlySpan<string> first)
    {
        var seconds = Spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinitySeconds;
        var id = RuleCompiler.PortId(service, port);
        var names = endpoints.Select(endpoint => $"{id}/{endpoint.Ip}/{endpoint.Port}").ToArray();
        for (var index = 0; index < names.Length; index++)
        {
            sets[$"affinity-{names[index]}"] = $"type ipv4_addr; flags dynamic,timeout; timeout {seconds}s;";
            if (chains.Any(chain => chain.Name == $"endpoint-{names[index]}")) { continue; }
            chains.Add(new($"endpoint-{names[index]}",
                [$"update @affinity-{names[index]} {{ ip saddr }}", $"meta l4proto {protocol} dnat to {endpoints[index]}"]));
        }
        var targets = string.Join(", ", names.Select((one, index) => $"{index} : goto endpoint-{one}"));
        chains.Add(new(name,
        [
            .. first,
            .. names.Select(one => $"ip saddr @affinity-{one} goto endpoint-{one}"),
            $"numgen random mod {names.Length} vmap {{ {targets} }}",
        ]));
    }

    private bool IsExternal(ServicePort port) => port.NodePort > 0 || ExternalIps().Any();

    private IEnumerable<string> ExternalIps() => (Spec.ExternalIPs ?? []).Concat(LoadBalancerIps()).Where(ip => !ip.Contains(':', StringComparison.Ordinal));

    private IEnumerable<string> LoadBalancerIps() => Spec.Type == "LoadBalancer"
        ? (service.Status?.LoadBalancer?.Ingress ?? []).Where(one => one is { Ip.Length: > 0 } && one.IpMode != "Proxy").Select(one => one.Ip!)
        : [];
}
