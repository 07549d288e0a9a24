using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Services;

internal sealed class ServiceRulesBuilder(Service service, ProxyNode node)
{
    private readonly List<NftElement> elements = [];
    private readonly HashSet<BalanceChain> shared = [];
    private readonly AffinityChains affinity = new(service, node);
    private readonly List<NftChain> firewalls = [];
    private readonly Dictionary<UdpFrontend, string[]> udp = [];
    private int localEndpoints;

    private ServiceSpec Spec => service.Spec;

    public ServiceRules Build() => new()
    {
        Elements = [.. elements.Distinct()],
        Shared = shared,
        Chains = [.. affinity.Chains, .. firewalls],
        Sets = affinity.Sets,
        Udp = udp,
        Health = Spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local", HealthCheckNodePort: > 0 and var health }
            ? new(health, service.Metadata.Namespace ?? "", service.Metadata.Name, localEndpoints)
            : null,
    };

    public void AddPort(ServicePort port, EndpointSelection endpoints)
    {
        localEndpoints = Math.Max(localEndpoints, endpoints.Local.Count);
        foreach (var local in endpoints.Local) { elements.Add(new(ProxyTable.Hairpin, $"{local.Ip} . {local.Ip}")); }
        AddClusterIp(port, endpoints);
        foreach (var ip in ExternalIps()) { AddExternal(Frontend.Address, ip, port, port.Port, endpoints); }
        if (port.NodePort > 0) { AddExternal(Frontend.NodePort, null, port, port.NodePort, endpoints); }
        AddFirewall(port);
    }

    private void AddClusterIp(ServicePort port, EndpointSelection endpoints)
    {
        var local = Spec.InternalTrafficPolicy == "Local";
        var key = KeyOf(Spec.ClusterIP, port, port.Port);
        if (endpoints.Cluster.Count == 0) { elements.Add(new(Frontend.Address.WithoutEndpoints, key, ProxyTable.GotoReject)); }
        else if (local && endpoints.Local.Count == 0) { elements.Add(new(Frontend.Address.WithoutEndpoints, key, "drop")); }
        else { AddBalancer(Frontend.Address, Frontend.Address.Services, key, port, Balancing.Cluster, local ? endpoints.Local : endpoints.Cluster); }
        AddUdp(Spec.ClusterIP, port, port.Port, local ? endpoints.Local : endpoints.Cluster);
    }

    private void AddExternal(Frontend frontend, string? ip, ServicePort port, int number, EndpointSelection endpoints)
    {
        var key = KeyOf(ip, port, number);
        var local = Spec.ExternalTrafficPolicy == "Local";
        AddUdp(ip, port, number, endpoints.Cluster);
        if (endpoints.Cluster.Count == 0)
        {
            elements.Add(new(frontend.WithoutEndpoints, key, ProxyTable.GotoReject));
            return;
        }
        // Under the Local policy too the cluster itself may use every endpoint.
        AddBalancer(frontend, frontend.Services, key, port, local ? Balancing.Cluster : Balancing.External, endpoints.Cluster);
        if (local && endpoints.Local.Count == 0) { elements.Add(new(frontend.Outside, key, "drop")); }
        else if (local) { AddBalancer(frontend, frontend.Outside, key, port, Balancing.Local, endpoints.Local); }
    }

    private void AddBalancer(Frontend frontend, string map, string key, ServicePort port, Balancing balancing, IReadOnlyList<EndpointAddress> endpoints)
    {
        if (Spec.SessionAffinity == "ClientIP")
        {
            elements.Add(new(map, key, $"goto {affinity.ChainFor(port, balancing, endpoints)}"));
            return;
        }
        var chain = new BalanceChain(frontend, balancing, endpoints.Count);
        shared.Add(chain);
        elements.Add(new(map, key, $"goto {chain.Name}"));
        for (var index = 0; index < endpoints.Count; index++)
        {
            elements.Add(new(chain.EndpointMap, $"{key} . {index}", $"{endpoints[index].Ip} . {endpoints[index].Port}"));
        }
    }

    private void AddFirewall(ServicePort port)
    {
        if (Spec.LoadBalancerSourceRanges is not { Length: > 0 } ranges || Spec.Type != "LoadBalancer") { return; }
        var allowed = ranges.Select(range => range.Trim()).Where(range => !range.Contains(':', StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var name = $"firewall-{RuleCompiler.PortId(service, port)}";
        firewalls.Add(new(name, [$"ip saddr != {{ {string.Join(", ", allowed)} }} drop"]));
        foreach (var ip in LoadBalancerIps()) { elements.Add(new(ProxyTable.FirewallIps, KeyOf(ip, port, port.Port), $"goto {name}")); }
    }

    private void AddUdp(string? ip, ServicePort port, int number, IEnumerable<EndpointAddress> endpoints)
    {
        if (port.Protocol == "UDP") { udp[new(ip, number)] = [.. endpoints.Select(endpoint => endpoint.Ip)]; }
    }

    private static string KeyOf(string? ip, ServicePort port, int number)
    {
        var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
        return ip is null ? $"{protocol} . {number}" : $"{ip} . {protocol} . {number}";
    }

    private IEnumerable<string> ExternalIps() => (Spec.ExternalIPs ?? []).Concat(LoadBalancerIps()).Where(ip => !ip.Contains(':', StringComparison.Ordinal)).Distinct();

    private IEnumerable<string> LoadBalancerIps() => Spec.Type == "LoadBalancer"
        ? (service.Status.LoadBalancer?.Ingress ?? []).Where(one => one is { Ip.Length: > 0 } && one.IpMode != "Proxy").Select(one => one.Ip!)
        : [];
}
