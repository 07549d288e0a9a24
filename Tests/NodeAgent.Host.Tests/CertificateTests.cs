using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>An agent whose client certificate comes to its end while it runs.</summary>
public sealed class CertificateTests(Cluster cluster)
{
    private static readonly TimeSpan Left = TimeSpan.FromSeconds(12);

    [Fact]
    public async Task A_certificate_that_ends_is_renewed_and_the_node_goes_on_with_the_new_one()
    {
        await cluster.OkAsync("create", "clusterrolebinding", "renew", "--clusterrole=system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "--group=system:nodes");
        await using var node = await cluster.JoinAsync("worker-5");
        Assert.Equal(0, await node.SignalAsync("TERM"));
        var end = TimeProvider.System.GetUtcNow() + Left;
        await File.WriteAllTextAsync(node.ClientCertificate, cluster.NodeCertificate(node.Name, end - (10 * Left), end));
        var before = Serial(node);
        node.Start();
        await Eventually.TrueAsync(() => Serial(node) != before, "another certificate");
        await Eventually.TrueAsync(
            async () => DateTimeOffset.Parse(await cluster.OkAsync("get", "lease", "-n", "kube-node-lease", node.Name, "-o", "jsonpath={.spec.renewTime}"), CultureInfo.InvariantCulture) > end,
            "a heartbeat after the end of the first",
            TimeSpan.FromSeconds(60));
        await cluster.OkAsync("delete", "node", node.Name);
    }

    private static string Serial(ClusterNode node)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(node.ClientCertificate);
        return certificate.SerialNumber;
    }
}
