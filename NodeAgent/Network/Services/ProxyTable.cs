using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// What is in the nftables table now, and the script that takes it to what should be. A script is one transaction, and
/// holds only what changed: mostly elements of maps.
/// </summary>
internal sealed class ProxyTable(ProxyNode node)
{
    public const string Name = "flotilla-services";
    public const string Hairpin = "hairpin";
    public const string FirewallIps = "firewall-ips";
    public const string MarkForMasquerade = "mark-for-masquerade";
    public const string GotoReject = "goto reject-chain";

    private readonly Dictionary<string, ServiceRules> services = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Container, string Key), Claim[]> claims = [];
    private readonly HashSet<BalanceChain> shared = [];

    /// <summary>Everything from nothing: what is in the kernel under the table's name is thrown away in the same transaction.</summary>
    public string Rebuild(IReadOnlyDictionary<string, ServiceRules> all)
    {
        services.Clear();
        claims.Clear();
        shared.Clear();
        return ProxyBaseRules.Script(node) + Update(all);
    }

    /// <returns>Empty when nothing changes.</returns>
    public string Update(IReadOnlyDictionary<string, ServiceRules> changed)
    {
        var script = new ProxyScript();
        var before = new Dictionary<(string Container, string Key), Claim?>();
        foreach (var (service, rules) in changed)
        {
            var old = services.GetValueOrDefault(service) ?? ServiceRules.None;
            foreach (var chain in rules.Shared.Where(shared.Add)) { script.Add(chain.Build(node)); }
            script.Change(old, rules);
            foreach (var element in old.Elements) { Withdraw(service, element, before); }
            foreach (var element in rules.Elements) { Enter(service, element, before); }
            if (rules == ServiceRules.None) { services.Remove(service); }
            else { services[service] = rules; }
        }
        foreach (var ((container, key), was) in before)
        {
            var now = claims.TryGetValue((container, key), out var left) ? left[0] : (Claim?)null;
            if (was is not null && now is not null && was?.Value == now?.Value) { continue; }
            if (was is { } gone) { script.Remove(new NftElement(container, key, gone.Value)); }
            if (now is { } come) { script.Add(new NftElement(container, key, come.Value)); }
        }
        return script.Build();
    }

    // Two Services may claim the same external address and port: the first by name has it, whole, and the other when the first is gone.
    private void Enter(string service, NftElement element, Dictionary<(string, string), Claim?> before)
    {
        ref var all = ref CollectionsMarshal.GetValueRefOrAddDefault(claims, (element.Container, element.Key), out _);
        before.TryAdd((element.Container, element.Key), all is [var first, ..] ? first : null);
        var claim = new Claim(service, element.Value);
        all = all is null ? [claim] : [.. all.Append(claim).OrderBy(one => one.Service, StringComparer.Ordinal)];
    }

    private void Withdraw(string service, NftElement element, Dictionary<(string, string), Claim?> before)
    {
        var key = (element.Container, element.Key);
        var all = claims[key];
        before.TryAdd(key, all[0]);
        if (all.Length == 1) { claims.Remove(key); }
        else { claims[key] = [.. all.Where(claim => claim.Service != service)]; }
    }

    private readonly record struct Claim(string Service, string? Value);
}
