using System.Collections.Immutable;
using System.Text;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// What is in the nftables table now, and the script that takes it to what should be. A script is one transaction, and
/// holds only what changed: a Service touches its own chains and its own elements.
/// </summary>
internal sealed class ProxyTable(ProxyNode node)
{
    public const string Name = "flotilla-services";
    public const string ClusterIps = "cluster-ips";
    public const string Hairpin = "hairpin";
    public const string ServiceIps = "service-ips";
    public const string ServiceNodePorts = "service-nodeports";
    public const string NoEndpointServices = "no-endpoint-services";
    public const string NoEndpointNodePorts = "no-endpoint-nodeports";
    public const string FirewallIps = "firewall-ips";
    public const string MarkForMasquerade = "mark-for-masquerade";
    public const string GotoReject = "goto reject-chain";

    private readonly Dictionary<string, ServiceRules> services = new(StringComparer.Ordinal);
    private readonly Dictionary<NftElement, int> elements = [];

    /// <summary>Everything from nothing: what is in the kernel under the table's name is thrown away in the same transaction.</summary>
    public string Rebuild(IReadOnlyDictionary<string, ServiceRules> all)
    {
        services.Clear();
        elements.Clear();
        return BaseRules() + Update(all);
    }

    /// <returns>Empty when nothing changes.</returns>
    public string Update(IReadOnlyDictionary<string, ServiceRules> changed)
    {
        var script = new ScriptBuilder(Name);
        var before = new Dictionary<NftElement, int>();
        foreach (var (key, rules) in changed)
        {
            var old = services.GetValueOrDefault(key) ?? ServiceRules.None;
            script.Change(old, rules);
            foreach (var element in old.Elements.Except(rules.Elements)) { Count(element, -1, before); }
            foreach (var element in rules.Elements.Except(old.Elements)) { Count(element, 1, before); }
            if (rules == ServiceRules.None) { services.Remove(key); }
            else { services[key] = rules; }
        }
        foreach (var (element, was) in before)
        {
            var now = elements.GetValueOrDefault(element);
            if (was > 0 && now == 0) { script.Remove(element); }
            else if (was == 0 && now > 0) { script.Add(element); }
        }
        return script.Build();
    }

    private void Count(NftElement element, int sign, Dictionary<NftElement, int> before)
    {
        var count = elements.GetValueOrDefault(element);
        before.TryAdd(element, count);
        if (count + sign > 0) { elements[element] = count + sign; }
        else { elements.Remove(element); }
    }

    // TCP is refused by a reset: over a veth an ICMP answer comes while connect() still holds its socket, and is lost until the retry.
    private string BaseRules() => $$"""
        add table ip {{Name}}
        delete table ip {{Name}}
        table ip {{Name}} {
          set {{ClusterIps}} { type ipv4_addr; }
          set {{Hairpin}} { type ipv4_addr . ipv4_addr; }
          map {{ServiceIps}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{ServiceNodePorts}} { type inet_proto . inet_service : verdict; }
          map {{NoEndpointServices}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{NoEndpointNodePorts}} { type inet_proto . inet_service : verdict; }
          map {{FirewallIps}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          chain {{MarkForMasquerade}} { meta mark set mark or 0x4000; }
          chain reject-chain { meta l4proto tcp reject with tcp reset; reject; }
          chain services {
            ip daddr . meta l4proto . th dport vmap @{{ServiceIps}}
            ip daddr {{node.Ip}} meta l4proto . th dport vmap @{{ServiceNodePorts}}
          }
          chain unreachable {
            ip daddr . meta l4proto . th dport vmap @{{NoEndpointServices}}
            ip daddr {{node.Ip}} meta l4proto . th dport vmap @{{NoEndpointNodePorts}}
            ip daddr @{{ClusterIps}} goto reject-chain
          }
          chain nat-prerouting { type nat hook prerouting priority -100; jump services; }
          chain nat-output { type nat hook output priority -100; jump services; }
          chain nat-postrouting {
            type nat hook postrouting priority 100;
            meta mark & 0x4000 != 0 meta mark set mark xor 0x4000 masquerade fully-random
            ip saddr . ip daddr @{{Hairpin}} masquerade fully-random
          }
          chain filter-prerouting {
            type filter hook prerouting priority -110;
            ct state new ip daddr . meta l4proto . th dport vmap @{{FirewallIps}}
          }
          chain filter-input { type filter hook input priority -110; ct state new jump unreachable; }
          chain filter-forward { type filter hook forward priority -110; ct state new jump unreachable; }
          chain filter-output { type filter hook output priority -90; ct state new jump unreachable; }
        }

        """;

    /// <summary>Commands in the order the kernel wants: what is gone to comes before what goes, and leaves after it.</summary>
    private sealed class ScriptBuilder(string table)
    {
        private readonly StringBuilder created = new();
        private readonly StringBuilder rules = new();
        private readonly StringBuilder removedElements = new();
        private readonly StringBuilder addedElements = new();
        private readonly StringBuilder removed = new();

        public void Change(ServiceRules old, ServiceRules now)
        {
            var known = old.Chains.ToDictionary(chain => chain.Name, StringComparer.Ordinal);
            foreach (var (name, definition) in now.Sets)
            {
                if (!old.Sets.ContainsKey(name)) { created.Append($"add set ip {table} {name} {{ {definition} }}\n"); }
            }
            foreach (var chain in now.Chains)
            {
                if (known.Remove(chain.Name, out var before) && before.SameRules(chain)) { continue; }
                if (before is null) { created.Append($"add chain ip {table} {chain.Name}\n"); }
                else { rules.Append($"flush chain ip {table} {chain.Name}\n"); }
                foreach (var rule in chain.Rules) { rules.Append($"add rule ip {table} {chain.Name} {rule}\n"); }
            }
            foreach (var name in known.Keys) { rules.Append($"flush chain ip {table} {name}\n"); }
            foreach (var name in known.Keys) { removed.Append($"delete chain ip {table} {name}\n"); }
            foreach (var name in old.Sets.Keys.Except(now.Sets.Keys, StringComparer.Ordinal)) { removed.Append($"delete set ip {table} {name}\n"); }
        }

        // A map holds a key once, so removing names the key alone.
        public void Remove(NftElement element) => removedElements.Append($"delete element ip {table} {element.Container} {{ {element.Key} }}\n");

        public void Add(NftElement element) => addedElements.Append($"add element ip {table} {element.Container} {{ {element} }}\n");

        public string Build() => created.Append(rules).Append(removedElements).Append(addedElements).Append(removed).ToString();
    }
}
