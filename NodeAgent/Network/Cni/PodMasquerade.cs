namespace Flotilla.NodeAgent.Network.Cni;

/// <summary>Pods speak to the cluster by their own addresses, and to the rest of the world by their node's.</summary>
internal static class PodMasquerade
{
    public const string TableName = "flotilla-pods";

    public static string Script(string podCidr, string clusterCidr) => $$"""
        add table ip {{TableName}}
        delete table ip {{TableName}}
        table ip {{TableName}} {
          chain postrouting {
            type nat hook postrouting priority 101;
            ip saddr {{podCidr}} ip daddr != { {{clusterCidr}}, 224.0.0.0/4 } masquerade fully-random
          }
        }

        """;
}
