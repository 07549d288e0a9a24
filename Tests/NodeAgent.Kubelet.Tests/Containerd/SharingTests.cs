using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>What pods share with their node, and their containers with one another, when the spec asks for it, and not otherwise.</summary>
public sealed class SharingTests(NodeFixture node)
{
    private const string Look = "for kind in pid ipc net uts; do readlink /proc/self/ns/$kind; done";

    [Theory]
    [InlineData("pid", 0)]
    [InlineData("ipc", 1)]
    [InlineData("net", 2)]
    [InlineData("none", -1)]
    public async Task A_pod_is_in_those_namespaces_of_its_node_that_it_asks_for(string what, int shared)
    {
        node.Run($"shares-{what}", $"{Look}; sleep 1000", pod =>
            (pod.Spec.HostPID, pod.Spec.HostIPC, pod.Spec.HostNetwork) = (what == "pid", what == "ipc", what == "net"));
        await node.PodAsync($"shares-{what}", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        await Eventually.TrueAsync(async () => (await LinesAsync($"shares-{what}")).Length == 4, "it has looked");
        var seen = await LinesAsync($"shares-{what}");
        string[] own = [Namespace("self", "pid"), Namespace("self", "ipc"), Namespace(node.Containerd.ProcessId, "net"), Namespace("self", "uts")];
        Assert.Equal([shared == 0, shared == 1, shared == 2, shared == 2], seen.Zip(own, static (inside, outside) => inside == outside));

        static string Namespace(string process, string kind) => new FileInfo($"/proc/{process}/ns/{kind}").LinkTarget!;
    }

    [Fact]
    public async Task With_the_nodes_processes_a_pod_sees_and_signals_them()
    {
        using var victim = System.Diagnostics.Process.Start("sleep", "1000");
        node.Run("sees-processes", "sleep 1000", pod => pod.Spec.HostPID = true);
        node.Run("sees-its-own", "sleep 1000");
        await ReadyAsync("sees-processes");
        await ReadyAsync("sees-its-own");
        Assert.Equal("sleep\01000\0", await node.ExecAsync("sees-processes", $"cat /proc/{victim.Id}/cmdline"));
        Assert.Contains("exited with 1", await node.ExecAsync("sees-its-own", $"cat /proc/{victim.Id}/cmdline"), StringComparison.Ordinal);
        await node.ExecAsync("sees-processes", $"kill -9 {victim.Id}");
        await victim.WaitForExitAsync();
        Assert.Equal(137, victim.ExitCode);
    }

    [Fact]
    public async Task With_the_nodes_ipc_a_pod_sees_its_shared_memory()
    {
        var name = $"flotilla-{Guid.NewGuid():N}";
        await File.WriteAllTextAsync($"/dev/shm/{name}", "shared");
        try
        {
            node.Run("sees-memory", "sleep 1000", pod => pod.Spec.HostIPC = true);
            node.Run("sees-no-memory", "sleep 1000");
            await ReadyAsync("sees-memory");
            await ReadyAsync("sees-no-memory");
            Assert.Equal("shared", await node.ExecAsync("sees-memory", $"cat /dev/shm/{name}"));
            Assert.Contains("No such file", await node.ExecAsync("sees-no-memory", $"cat /dev/shm/{name}"), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete($"/dev/shm/{name}");
        }
    }

    [Fact]
    public async Task On_the_nodes_network_a_pod_has_its_devices_address_and_name()
    {
        node.Run("host-network", "sleep 1000", pod => pod.Spec.HostNetwork = true);
        var pod = await ReadyAsync("host-network");
        Assert.Equal(("127.0.0.1", "127.0.0.1"), (pod.Status.PodIP, pod.Status.HostIP));
        Assert.Contains($"inet {node.Containerd.Addresses.Node}/30", await node.ExecAsync("host-network", "ip -4 addr show dev uplink"), StringComparison.Ordinal);
        Assert.Equal(Environment.MachineName + "\n", await node.ExecAsync("host-network", "hostname"));
        Assert.StartsWith("# Kubernetes-managed hosts file (host network).\n", await node.ExecAsync("host-network", "cat /etc/hosts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_share_their_processes_when_asked_to()
    {
        node.Run("shared-processes", "sleep 1000", pod =>
        {
            pod.Spec.ShareProcessNamespace = true;
            pod.Spec.Containers = [pod.Spec.Containers![0], pod.Spec.Containers[0] with { Name = "other", Command = ["sleep", "2345"] }];
        });
        node.Run("own-processes", "sleep 1000", pod =>
            pod.Spec.Containers = [pod.Spec.Containers![0], pod.Spec.Containers[0] with { Name = "other", Command = ["sleep", "2345"] }]);
        await ReadyAsync("shared-processes");
        await ReadyAsync("own-processes");
        var other = (await node.ExecAsync("shared-processes", "ps")).Split('\n').Single(line => line.EndsWith("sleep 2345", StringComparison.Ordinal));
        Assert.DoesNotContain("sleep 2345", await node.ExecAsync("own-processes", "ps"), StringComparison.Ordinal);
        await node.ExecAsync("shared-processes", $"kill -9 {other.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]}");
        await node.PodAsync("shared-processes", pod => pod.Status.ContainerStatuses!.Single(each => each.Name == "other").RestartCount > 0, "the neighbour was restarted");
    }

    [Fact]
    public async Task Mounts_made_later_reach_who_asked_for_them_in_the_direction_that_was_asked_for()
    {
        // A folder of the kubelet's: it sees to it that mounts in there can be seen elsewhere.
        var folder = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "propagated")).FullName;
        foreach (var direction in (string[])["None", "HostToContainer", "Bidirectional"])
        {
            node.Run(NameOf(direction), "sleep 1000", pod =>
            {
                pod.Spec.Volumes = [new() { Name = "up", HostPath = new() { Path = folder } }];
                pod.Spec.Containers![0].VolumeMounts = [new() { Name = "up", MountPath = "/up", MountPropagation = direction }];
                pod.Spec.Containers[0].SecurityContext = new() { Privileged = true };
            });
            await ReadyAsync(NameOf(direction));
        }

        await node.Containerd.MountAsync(Directory.CreateDirectory(Path.Combine(folder, "late")).FullName, "1m");
        await File.WriteAllTextAsync(Path.Combine(folder, "late", "file"), "from the node");
        Assert.Equal("from the node", await node.ExecAsync(NameOf("HostToContainer"), "cat /up/late/file"));
        Assert.Equal("from the node", await node.ExecAsync(NameOf("Bidirectional"), "cat /up/late/file"));
        Assert.Contains("No such file", await node.ExecAsync(NameOf("None"), "cat /up/late/file"), StringComparison.Ordinal);

        foreach (var direction in (string[])["None", "HostToContainer", "Bidirectional"])
        {
            Directory.CreateDirectory(Path.Combine(folder, $"of-{direction}"));
            Assert.Equal("", await node.ExecAsync(NameOf(direction), $"mount -t tmpfs tmpfs /up/of-{direction}"));
            Assert.Equal("", await node.ExecAsync(NameOf(direction), $"touch /up/of-{direction}/file"));
        }

        Assert.Equal(
            [false, false, true],
            ((string[])["None", "HostToContainer", "Bidirectional"]).Select(direction => File.Exists(Path.Combine(folder, $"of-{direction}", "file"))));
        Assert.Equal("", await node.ExecAsync(NameOf("HostToContainer"), "ls /up/of-None"));
        Assert.Equal("file\n", await node.ExecAsync(NameOf("HostToContainer"), "ls /up/of-Bidirectional"));

        static string NameOf(string direction) => $"mounts-{direction.ToLowerInvariant()}";
    }

    private async Task<string[]> LinesAsync(string pod) => (await node.LogAsync(pod)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private Task<Pod> ReadyAsync(string name) =>
        node.PodAsync(name, pod => pod.Status.ContainerStatuses is { Length: > 0 } all && all.All(each => each.Ready), "ready");
}
