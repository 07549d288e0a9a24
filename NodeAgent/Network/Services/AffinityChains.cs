using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// The chains of a Service whose clients stay with their endpoint. Each endpoint remembers its clients in a set of its own: what an
/// endpoint knows goes when it goes.
/// </summary>
internal sealed class AffinityChains(Service service, ProxyNode node)
{
    private const int DefaultSeconds = 10800;

    private readonly List<NftChain> chains = [];
    private readonly Dictionary<string, string> sets = new(StringComparer.Ordinal);

    public IReadOnlyList<NftChain> Chains => chains;

    public IReadOnlyDictionary<string, string> Sets => sets;

    private int Seconds => service.Spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultSeconds;

    /// <returns>The name of the chain.</returns>
    public string ChainFor(ServicePort port, Balancing balancing, IReadOnlyList<EndpointAddress> endpoints)
    {
        var id = RuleCompiler.PortId(service, port);
        // Of one Service the local endpoints are some of the cluster's: as many are the same.
        var name = $"{BalanceChain.NameOf(balancing)}-{endpoints.Count}-{id}";
        if (chains.Any(chain => chain.Name == name)) { return name; }
        var (known, random) = (new List<string>(), new List<string>());
        foreach (var endpoint in endpoints)
        {
            var (chain, set) = EndpointChain(id, port, endpoint);
            known.Add($"ip saddr @{set} goto {chain}");
            random.Add($"{random.Count} : goto {chain}");
        }
        var first = BalanceChain.Masquerade(balancing, node) is { } masquerade ? [masquerade] : (string[])[];
        chains.Add(new(name, [.. first, .. known, $"numgen random mod {random.Count} vmap {{ {string.Join(", ", random)} }}"]));
        return name;
    }

    // A set's timeout cannot be changed: another one is another set.
    private (string Chain, string Set) EndpointChain(string id, ServicePort port, EndpointAddress endpoint)
    {
        var one = $"{id}/{endpoint.Ip}/{endpoint.Port}";
        var (chain, set) = ($"endpoint-{one}", $"affinity-{Seconds}s-{one}");
        if (sets.TryAdd(set, $"type ipv4_addr; flags dynamic,timeout; timeout {Seconds}s;"))
        {
            var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
            chains.Add(new(chain, [$"update @{set} {{ ip saddr }}", $"meta l4proto {protocol} dnat to {endpoint}"]));
        }
        return (chain, set);
    }
}
