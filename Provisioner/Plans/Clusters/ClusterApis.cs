using Flotilla.ClusterCore.Client;
using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>The platform's way into a cluster: straight to a master on this machine, as an admin of the cluster.</summary>
public sealed class ClusterApis(KubeconfigIssuer kubeconfigs)
{
    private const string UserName = "system:flotilla:provisioner";

    // Kept in memory only, and made anew with each connection.
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(365);

    /// <param name="cluster">With port and CA.</param>
    public ClusterApi Connect(Cluster cluster, int member = 0) => new(KubeconfigOf(cluster, member));

    /// <summary>A client of its own connection, for long use.</summary>
    public ApiClient CreateClient(Cluster cluster) => ApiClient.Create(KubeconfigOf(cluster, 0), "flotilla-provisioner");

    private Kubeconfig KubeconfigOf(Cluster cluster, int member) =>
        Kubeconfig.Parse(kubeconfigs.IssueForPlatform(cluster, UserName, $"https://127.0.0.1:{cluster.Port + member}", CertificateLifetime));
}
