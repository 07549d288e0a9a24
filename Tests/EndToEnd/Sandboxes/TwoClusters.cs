using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>Two clusters on this machine, ours of two nodes, each with a web server on its first node that says whose it is, behind a Service.</summary>
public sealed class TwoClusters : IAsyncLifetime
{
    private SandboxedCluster? ours, theirs;

    public SandboxedCluster Ours => ours ?? throw new InvalidOperationException("not started");

    public SandboxedCluster Theirs => theirs ?? throw new InvalidOperationException("not started");

    public Pod OurPod { get; private set; } = new();

    public Pod TheirPod { get; private set; } = new();

    public static IPAddress OurService { get; } = IPAddress.Parse("10.96.77.1");

    public static IPAddress TheirService { get; } = IPAddress.Parse("10.96.77.2");

    public const int NodePort = 30802;

    public async ValueTask InitializeAsync()
    {
        var bin = Path.Combine(Repository.Root, "bin");
        ours = await SandboxedCluster.StartAsync(bin, nodes: 2);
        theirs = await SandboxedCluster.StartAsync(bin);
        OurPod = await ours.RunPodAsync("ours", ServeName("ours"));
        // Both clusters give out the same addresses: theirs is to be one that no pod of ours has.
        await theirs.RunPodAsync("first", ServeName("first"));
        TheirPod = await theirs.RunPodAsync("theirs", ServeName("theirs"));
        await ExposeAsync(ours, "ours", OurService);
        await ExposeAsync(theirs, "theirs", TheirService);
    }

    public async ValueTask DisposeAsync()
    {
        await (ours?.DisposeAsync() ?? default);
        await (theirs?.DisposeAsync() ?? default);
    }

    private static string ServeName(string name) => $"echo {name} > /tmp/index.html; exec busybox httpd -f -p 8080 -h /tmp";

    private static async Task ExposeAsync(SandboxedCluster cluster, string name, IPAddress clusterIp)
    {
        var service = new Service
        {
            Metadata = new() { Name = name, Namespace = "default" },
            Spec = new() { Type = "NodePort", ClusterIP = $"{clusterIp}", Selector = A.Labels("app", name), Ports = [new() { Port = 80, TargetPort = 8080, NodePort = NodePort }] },
        };
        (await cluster.Client.CreateAsync(Kinds.Services, service, CancellationToken.None)).OrThrow();
        await Eventually.TrueAsync(
            async () => (await NetworkNamespace.RunAsync(cluster.NetworkNamespaceOf(0), () => PortScan.FindOpen([new(clusterIp, 80)]))).Count == 1,
            $"{name} answers in its own cluster",
            TimeSpan.FromSeconds(60));
    }
}

[CollectionDefinition(Name)]
public sealed class SandboxCollection : ICollectionFixture<TwoClusters>
{
    public const string Name = "sandboxes";
}
