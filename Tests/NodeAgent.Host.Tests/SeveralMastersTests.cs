using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>Two API servers on one etcd, and a node that neither can dial.</summary>
public sealed class SeveralMastersTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-masters-").FullName;
    private readonly Process?[] masters = new Process?[2];
    private readonly int port = LoopbackPort.Free();
    private string[] addresses = [];
    private EtcdServer? etcd;
    private ContainerdServer? containerd;

    [Fact]
    public async Task Every_master_reaches_a_node_that_only_dials_out()
    {
        await StartAsync(0);
        CopyKeys();
        await StartAsync(1);
        await EndpointsAreAsync(addresses);
        await using var node = new ClusterNode("behind-nat", containerd!, Kubeconfig(0), Path.Combine(directory, "none"), ["--tunnel"]);
        node.Start();
        await SaysAsync(0, "True", "get", "node", "behind-nat", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}");
        await node.BlockAsync();
        Assert.Equal(0, (await Cluster.KubectlAsAsync(Kubeconfig(0), Cluster.PodManifest("spoken", "behind-nat", "echo from behind; sleep 1000").ToJsonString(), "apply", "-f", "-")).Code);
        await SaysAsync(0, "from behind\n", "logs", "spoken");
        await SaysAsync(1, "from behind\n", "logs", "spoken");

        await KillAsync(1);
        await EndpointsAreAsync(addresses[0]);
        Assert.Equal("from behind\n", (await Cluster.KubectlAsAsync(Kubeconfig(0), "", "logs", "spoken")).Output);
        await StartAsync(1);
        await EndpointsAreAsync(addresses);
        await SaysAsync(1, "hello\n", "exec", "spoken", "--", "echo", "hello");
    }

    public async ValueTask InitializeAsync()
    {
        etcd = await EtcdServer.StartAsync();
        containerd = await ContainerdServer.StartAsync();
        await Cluster.ImportAsync(containerd);
        var first = containerd.Addresses.Host;
        // Beyond the cable's two addresses: 169.254.7.5 beside 169.254.7.1.
        addresses = [first, first[..(first.LastIndexOf('.') + 1)] + "5"];
        var node = containerd.NetworkNamespace;
        using var connect = Process.Start("sh", ["-c", $"ip addr add {addresses[1]}/32 dev {node}h && ip -n {node} route add {addresses[1]} via {first}"]);
        await connect.WaitForExitAsync();
        Assert.Equal(0, connect.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync(0);
        await KillAsync(1);
        await (etcd?.DisposeAsync() ?? default);
        Directory.Delete(directory, recursive: true);
    }

    private async Task StartAsync(int master)
    {
        masters[master] = Cluster.Start(
            "ClusterCore.Host", "clustercore", "serve", "--data-dir", Data(master), "--listen", $"{addresses[master]}:{port}", "--write-kubeconfig", Kubeconfig(master),
            "--etcd-servers", string.Join(',', etcd!.Endpoints));
        await Eventually.TrueAsync(
            async () => File.Exists(Kubeconfig(master)) && (await Cluster.KubectlAsAsync(Kubeconfig(master), "", "get", "--raw", "/readyz")).Output == "ok", $"master {master} is ready", TimeSpan.FromSeconds(60));
    }

    private async Task KillAsync(int master)
    {
        if (masters[master] is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            masters[master] = null;
        }
    }

    private void CopyKeys()
    {
        var own = Directory.CreateDirectory(Path.Combine(Data(1), "pki"));
        foreach (var name in (string[])["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub"])
        {
            File.Copy(Path.Combine(Data(0), "pki", name), Path.Combine(own.FullName, name));
        }
    }

    private Task EndpointsAreAsync(params string[] expected) =>
        SaysAsync(0, string.Join(' ', expected), "get", "endpointslice", "kubernetes", "-o", "jsonpath={.endpoints[*].addresses[0]}");

    private static Task SaysAsync(string kubeconfig, string expected, string[] arguments) => Eventually.TrueAsync(
        async () => (await Cluster.KubectlAsAsync(kubeconfig, "", arguments)).Output == expected, $"kubectl {string.Join(' ', arguments)}: {expected}", TimeSpan.FromSeconds(60));

    private Task SaysAsync(int master, string expected, params string[] arguments) => SaysAsync(Kubeconfig(master), expected, arguments);

    private string Data(int master) => Path.Combine(directory, $"master-{master}");

    private string Kubeconfig(int master) => Path.Combine(directory, $"master-{master}.kubeconfig");
}
