using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>One pod network across the nodes of a cluster: by address, by Service, by name and by the nodes' ports.</summary>
[Collection(SandboxCollection.Name)]
public sealed class TwoNodesTests(TwoClusters clusters)
{
    private const int NodePort = 30803;
    private static readonly IPAddress ClusterIp = IPAddress.Parse("10.96.77.3");

    private SandboxedCluster Cluster => clusters.Ours;

    [Fact]
    public async Task A_pod_is_reached_from_another_node_in_every_way()
    {
        var far = await Cluster.RunPodAsync("far", "echo far > /tmp/index.html; exec busybox httpd -f -p 8080 -h /tmp", node: 1);
        Assert.NotEqual(clusters.OurPod.Status.HostIP, far.Status.HostIP);
        var service = new Service
        {
            Metadata = new() { Name = "far", Namespace = "default" },
            Spec = new() { Type = "NodePort", ClusterIP = $"{ClusterIp}", Selector = A.Labels("app", "far"), Ports = [new() { Port = 80, TargetPort = 8080, NodePort = NodePort }] },
        };
        (await Cluster.Client.CreateAsync(Kinds.Services, service, CancellationToken.None)).OrThrow();
        foreach (var address in (string[])[$"{far.Status.PodIP}:8080", $"{ClusterIp}", $"{Cluster.Nodes[0].Address}:{NodePort}", $"{Cluster.Nodes[1].Address}:{NodePort}"])
        {
            await Eventually.TrueAsync(async () => await InPodAsync(clusters.OurPod, $"timeout 5 busybox wget -qO- http://{address}/") == "far", $"{address} answers");
        }

        Assert.Contains($"Name:\tfar.default.svc.cluster.local\nAddress: {ClusterIp}\n", $"{await InPodAsync(clusters.OurPod, "nslookup -type=a far")}\n", StringComparison.Ordinal);
        // And back, to a Service whose endpoint is on the other node.
        await Eventually.TrueAsync(async () => await InPodAsync(far, $"timeout 5 busybox wget -qO- http://{TwoClusters.OurService}/") == "ours", "the other way");
    }

    /// <summary>What a program of the pod's says in the pod.</summary>
    private static async Task<string> InPodAsync(Pod pod, string command) =>
        (await Shell.RunAsync($"nsenter -t {SandboxedCluster.ProcessOf(pod)} -m -n -u -- busybox {command}", new Dictionary<string, string>())).Output.TrimEnd();
}
