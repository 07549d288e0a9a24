using System.Net;
using System.Net.Sockets;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Pods that cannot work, or harm others: the status and an event say why, the node stays Ready, the neighbour does not notice.</summary>
public sealed class BadInputTests(NodeFixture node) : IAsyncLifetime
{
    private const string Refusing = "127.0.0.1:1/none:1";
    private string neighbour = "";

    [Fact]
    public async Task An_image_that_cannot_be_pulled_is_backed_off_from()
    {
        node.Run("no-image", "true", pod => (pod.Spec.Containers![0].Image, pod.Spec.Containers[0].ImagePullPolicy) = (Refusing, "Always"));
        var waiting = await WaitingAsync("no-image", "ImagePullBackOff");
        Assert.StartsWith($"Back-off pulling image \"{Refusing}\": ErrImagePull: ", waiting, StringComparison.Ordinal);
        await EventAsync("no-image", "Failed", $"Failed to pull image \"{Refusing}\": ");
        await EventAsync("no-image", "Failed", "Error: ErrImagePull");
        await EventAsync("no-image", "BackOff", $"Back-off pulling image \"{Refusing}\"");
    }

    [Fact]
    public async Task A_volume_whose_source_is_missing_keeps_the_pod_waiting()
    {
        node.Run("no-volume", "true", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "settings", ConfigMap = new() { Name = "nowhere" } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "settings", MountPath = "/settings" }];
        });
        await EventAsync("no-volume", "FailedMount", "MountVolume.SetUp failed for volume \"settings\" : configmap \"nowhere\" not found");
        await WaitingAsync("no-volume", "ContainerCreating");
        node.Api.Put(Kinds.ConfigMaps, new ConfigMap { Metadata = A.Meta("nowhere"), Data = A.Labels("key", "value") });
        await node.PodAsync("no-volume", pod => pod.Status.ContainerStatuses?[0].ContainerID is not null, "started once it is there");
    }

    [Fact]
    public async Task A_port_of_the_node_is_given_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        node.Run("first-on-port", "sleep 1000", Wants);
        await node.PodAsync("first-on-port", pod => pod.Status.StartTime is not null, "admitted");
        node.Run("second-on-port", "sleep 1000", Wants);
        var refused = await node.PodAsync("second-on-port", pod => pod.Status.Phase == "Failed", "refused");
        Assert.Equal(("NodePorts", "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"), (refused.Status.Reason, refused.Status.Message));

        void Wants(Pod pod) => pod.Spec.Containers![0].Ports = [new() { Port = 80, HostPort = port }];
    }

    [Theory]
    [InlineData("hostusers", "PodFeatureUnsupported", "user namespaces (hostUsers: false) are not supported by this node's container runtime")]
    [InlineData("sysctl", "SysctlForbidden", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    [InlineData("groups", "SupplementalGroupsPolicyNotSupported", "SupplementalGroupsPolicy=Strict is not supported in this node")]
    [InlineData("windows", "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")]
    public async Task What_the_node_cannot_do_is_refused(string what, string reason, string message)
    {
        node.Run($"refused-{what}", "true", pod =>
        {
            pod.Spec.HostUsers = what == "hostusers" ? false : null;
            pod.Spec.Os = what == "windows" ? new() { Name = "windows" } : null;
            pod.Spec.SecurityContext = new()
            {
                Sysctls = what == "sysctl" ? [new() { Name = "kernel.msgmax", Value = "1" }] : null,
                SupplementalGroupsPolicy = what == "groups" ? "Strict" : null,
            };
        });
        var pod = await node.PodAsync($"refused-{what}", found => found.Status.Phase == "Failed", "refused");
        Assert.Equal(reason, pod.Status.Reason);
        Assert.Equal($"Pod was rejected: {message}", pod.Status.Message);
        await EventAsync($"refused-{what}", reason, message);
    }

    [Fact]
    public async Task Probes_that_cannot_succeed_say_why()
    {
        node.Run("bad-probes", "sleep 1000", pod =>
        {
            pod.Spec.Containers![0].ReadinessProbe = new() { HttpGet = new() { Port = "nowhere" }, PeriodSeconds = 1, TimeoutSeconds = 1, FailureThreshold = 1 };
            pod.Spec.Containers[0].LivenessProbe = new() { TcpSocket = new() { Port = 9 }, PeriodSeconds = 1, TimeoutSeconds = 1, FailureThreshold = 1 };
        });
        await EventAsync("bad-probes", "Unhealthy", "Readiness probe failed: couldn't find port: nowhere");
        await EventAsync("bad-probes", "Unhealthy", "Liveness probe failed: dial tcp ");
        await EventAsync("bad-probes", "Killing", "Container main failed liveness probe, will be restarted");
        Assert.False(node.Api.Get(Kinds.Pods, "default", "bad-probes")!.Status.ContainerStatuses![0].Ready);
    }

    [Fact]
    public async Task A_fork_bomb_stays_in_its_pod()
    {
        var pod = node.Run("forks", "bomb() { bomb | bomb & }; bomb & exec sleep 1000");
        var cgroup = node.CgroupOf(pod, "besteffort");
        await Eventually.TrueAsync(() => cgroup.Processes > 0 && cgroup.RefusedProcesses > 0, "the limit is reached", TimeSpan.FromSeconds(60));
        Assert.Equal(64, cgroup.ProcessLimit);
        Assert.InRange(cgroup.Processes, 1, 64);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"{i}\n", await node.ExecAsync(neighbour, $"echo {i}"));
        }

        node.Delete(node.Api.Get(Kinds.Pods, "default", "forks")!);
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Pods, "default", "forks") is null, "the bomb is gone", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_slow_flood_of_logs_is_bounded()
    {
        var pod = node.Run("flood", "yes 0123456789012345678901234567890123456789", Slow);
        await node.PodAsync("flood", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        var folder = Path.Combine(node.Containerd.NodeDirectory, "logs", "pods", $"default_flood_{pod.Metadata.Uid}", "main");
        await Eventually.TrueAsync(() => Directory.GetFiles(folder).Length >= 2, "a file is set aside", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(async () => (await node.LogAsync("flood", "?tailLines=3")).EndsWith("6789\n", StringComparison.Ordinal), "the log can be read");
        node.Delete(node.Api.Get(Kinds.Pods, "default", "flood")!);
        await Eventually.TrueAsync(() => !Directory.Exists(folder), "pod and logs are gone", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_container_that_logs_gigabytes_as_fast_as_it_can_keeps_to_its_share_of_the_disk()
    {
        const long bound = 20L << 20;
        var pod = node.Run(
            "torrent",
            "yes $(head -c 4000 /dev/zero | tr '\\0' x) | head -n 1024 >/lines; i=0; while [ $i -lt 500 ]; do cat /lines; i=$((i+1)); done; while :; do echo end; sleep 1; done",
            // Best-effort pods would have to wait for whatever else the machine does.
            pod => pod.Spec.Containers![0].Resources = new() { Requests = A.Labels("cpu", "1") });
        await node.PodAsync("torrent", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        var folder = new DirectoryInfo(Path.Combine(node.Containerd.NodeDirectory, "logs", "pods", $"default_torrent_{pod.Metadata.Uid}", "main"));
        var (held, asked) = (0, 0);
        await Eventually.TrueAsync(
            async () =>
            {
                var files = Sizes();
                Assert.Equal($"{++asked}\n", await node.ExecAsync(neighbour, $"echo {asked}"));
                var ended = await node.LogAsync("torrent", "?tailLines=1") == "end\n";
                held += !ended && files.Length >= 2 && files.Sum() <= 2 * bound ? 1 : 0;
                return ended;
            },
            "all is said",
            TimeSpan.FromSeconds(120));
        Assert.True(held > 0, "while it went on little more than that was kept, and the neighbour answered");
        await Eventually.TrueAsync(() => Sizes().Sum() <= bound, "no more than that is kept");
        Assert.InRange(Sizes().Length, 2, 5);
        node.Delete(node.Api.Get(Kinds.Pods, "default", "torrent")!);
        await Eventually.TrueAsync(() => !Directory.Exists(folder.FullName), "pod and logs are gone", TimeSpan.FromSeconds(60));

        // A file may be dropped between its name and its size.
        long[] Sizes() => [.. folder.GetFiles().Where(file => file.Exists).Select(file => file.Length)];
    }

    [Fact]
    public async Task Who_ignores_SIGTERM_is_killed_when_its_time_is_up()
    {
        node.Run("stubborn", "trap '' TERM; while :; do sleep 1; done");
        var pod = await node.PodAsync("stubborn", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        node.Delete(pod, grace: 1);
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Pods, "default", "stubborn") is null, "it is gone");
        await EventAsync("stubborn", "Killing", "Stopping container main");
    }

    public async ValueTask InitializeAsync()
    {
        neighbour = $"neighbour-{Guid.NewGuid().ToString("N")[..6]}";
        node.Run(neighbour, "sleep 1000");
        await node.PodAsync(neighbour, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
    }

    public ValueTask DisposeAsync()
    {
        var still = node.Api.Get(Kinds.Pods, "default", neighbour)!;
        Assert.Equal((true, 0), (still.Status.ContainerStatuses![0].Ready, still.Status.ContainerStatuses[0].RestartCount));
        Assert.Contains(node.Api.Get(Kinds.Nodes, null, "node-0")!.Status.Conditions!, condition => condition is { Type: "Ready", Status: "True" });
        node.Delete(still);
        return ValueTask.CompletedTask;
    }

    /// <summary>What takes all it can is not to take the machine that runs the tests.</summary>
    private static void Slow(Pod pod) => pod.Spec.Containers![0].Resources = new() { Limits = A.Labels("cpu", "300m") };

    private async Task<string> WaitingAsync(string name, string reason)
    {
        var pod = await node.PodAsync(name, found => found.Status.ContainerStatuses?[0].State?.Waiting?.Reason == reason, reason);
        return pod.Status.ContainerStatuses![0].State!.Waiting!.Message ?? "";
    }

    private Task EventAsync(string pod, string reason, params string[] beginnings) => node.EventAsync(pod, reason, beginnings);
}
