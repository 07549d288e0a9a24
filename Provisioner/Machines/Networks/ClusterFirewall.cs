namespace Flotilla.Provisioner.Machines.Networks;

/// <summary>The nftables rules of one cluster on the machine: one table, replaced in one transaction.</summary>
internal static class ClusterFirewall
{
    public static string TableOf(ClusterNetwork network) => $"inet flotilla_{network.ClusterId}";

    /// <remarks>
    /// Nodes reach their own API server and the world outside, through the machine's address; not the machine itself, not
    /// another cluster, be it on another machine, and not what a cloud tells its machines on link-local addresses, secrets among
    /// it; only name servers may be there. From outside nothing reaches the nodes but the machine's own processes and answers.
    /// </remarks>
    public static string Render(ClusterNetwork network) => $$"""
        add table {{TableOf(network)}}
        delete table {{TableOf(network)}}
        table {{TableOf(network)}} {
          chain input {
            type filter hook input priority filter; policy accept;
            iifname != "{{network.Bridge}}" return
            ct state established,related accept
            ip daddr {{network.Gateway}} tcp dport {{network.ApiPort}}-{{network.ApiPort + network.ApiServers - 1}} accept
            ip daddr {{network.Gateway}} icmp type echo-request accept
            drop
          }
          chain forward {
            type filter hook forward priority filter; policy accept;
            iifname "{{network.Bridge}}" oifname "{{network.Bridge}}" accept
            iifname "{{network.Bridge}}" oifname "flt*" drop
            iifname "{{network.Bridge}}" ip daddr { 100.64.0.0/10, 169.254.0.0/16 } meta l4proto { tcp, udp } th dport != 53 drop
            oifname "{{network.Bridge}}" ct state established,related accept
            oifname "{{network.Bridge}}" drop
          }
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            ip saddr {{network.Subnet}} oifname != "{{network.Bridge}}" masquerade
          }
        }

        """;
}
