using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>Where the etcd members of a cluster with several masters listen: on the ports after the masters' own.</summary>
internal static class EtcdMembers
{
    /// <summary>Empty with one master: it has the embedded store.</summary>
    public static IReadOnlyList<string> ClientUrls(Cluster cluster) => cluster.Masters == 1
        ? []
        : [.. Enumerable.Range(0, cluster.Masters).Select(member => $"https://127.0.0.1:{ClientPort(cluster, member)}")];

    /// <summary>etcd's way to say who all its members are: <c>master-0=https://127.0.0.1:20006,…</c></summary>
    public static string InitialCluster(Cluster cluster) => string.Join(',', Enumerable.Range(0, cluster.Masters)
        .Select(member => $"{ClusterRules.MasterName(member)}=https://127.0.0.1:{PeerPort(cluster, member)}"));

    public static int ClientPort(Cluster cluster, int member) => cluster.Port!.Value + cluster.Masters + member;

    public static int PeerPort(Cluster cluster, int member) => cluster.Port!.Value + (2 * cluster.Masters) + member;
}
