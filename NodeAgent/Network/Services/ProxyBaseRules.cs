namespace Flotilla.NodeAgent.Network.Services;

/// <summary>What the table is before any Service is in it: where packets pass, and which maps they are looked up in.</summary>
internal static class ProxyBaseRules
{
    // TCP is refused by a reset: over a veth an ICMP answer comes while connect() still holds its socket, and is lost until the retry.
    public static string Script(ProxyNode node) => $$"""
        add table ip {{ProxyTable.Name}}
        delete table ip {{ProxyTable.Name}}
        table ip {{ProxyTable.Name}} {
          set {{ProxyTable.Hairpin}} { type ipv4_addr . ipv4_addr; }
          map {{ProxyTable.FirewallIps}} { type ipv4_addr . inet_proto . inet_service : verdict; }
        {{Maps(Frontend.Address, "ipv4_addr . inet_proto . inet_service")}}
        {{Maps(Frontend.NodePort, "inet_proto . inet_service")}}
          chain {{ProxyTable.MarkForMasquerade}} { meta mark set mark or 0x4000; }
          chain reject-chain { meta l4proto tcp reject with tcp reset; reject; }
          chain services {
            ip saddr != {{node.ClusterCidr}} fib saddr type != local jump outside
            {{Frontend.Address.Key}} vmap @{{Frontend.Address.Services}}
            ip daddr != 127.0.0.0/8 fib daddr type local {{Frontend.NodePort.Key}} vmap @{{Frontend.NodePort.Services}}
          }
          chain outside {
            {{Frontend.Address.Key}} vmap @{{Frontend.Address.Outside}}
            fib daddr type local {{Frontend.NodePort.Key}} vmap @{{Frontend.NodePort.Outside}}
          }
          chain unreachable {
            {{Frontend.Address.Key}} vmap @{{Frontend.Address.WithoutEndpoints}}
            fib daddr type local {{Frontend.NodePort.Key}} vmap @{{Frontend.NodePort.WithoutEndpoints}}
            ip daddr {{node.ServiceCidr}} ip daddr != {{node.ClusterDns}} goto reject-chain
          }
          chain nat-prerouting { type nat hook prerouting priority -100; jump services; }
          chain nat-output { type nat hook output priority -100; jump services; }
          chain nat-postrouting {
            type nat hook postrouting priority 100;
            meta mark & 0x4000 != 0 meta mark set mark xor 0x4000 masquerade fully-random
            ip saddr . ip daddr @{{ProxyTable.Hairpin}} masquerade fully-random
          }
          chain filter-prerouting {
            type filter hook prerouting priority -110;
            ct state new {{Frontend.Address.Key}} vmap @{{ProxyTable.FirewallIps}}
          }
          chain filter-input { type filter hook input priority -110; ct state new jump unreachable; }
          chain filter-forward { type filter hook forward priority -110; ct state new jump unreachable; }
          chain filter-output { type filter hook output priority -90; ct state new jump unreachable; }
        }

        """;

    private static string Maps(Frontend frontend, string key) => $$"""
          map {{frontend.Services}} { type {{key}} : verdict; }
          map {{frontend.Outside}} { type {{key}} : verdict; }
          map {{frontend.WithoutEndpoints}} { type {{key}} : verdict; }
          map {{frontend.Endpoints}} { type {{key}} . mark : ipv4_addr . inet_service; }
          map {{frontend.LocalEndpoints}} { type {{key}} . mark : ipv4_addr . inet_service; }
        """;
}
