using System.Diagnostics;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>A node's processes are killed while its pods run.</summary>
[Collection(SandboxCollection.Name)]
public sealed class NodeCrashTests(TwoClusters clusters)
{
    private const string Forever = "trap 'exit 0' TERM; while :; do sleep 1 & wait; done";

    private SandboxedCluster Cluster => clusters.Ours;

    [Fact]
    public async Task A_killed_agent_leaves_containers_running_and_the_next_one_adopts_them()
    {
        var before = await Cluster.RunPodAsync("adopted", Forever);
        var agent = (await Cluster.EnsureNodeAsync(0)).Agent;
        await KillAsync(agent.Pid);
        Assert.NotEqual(agent, (await Cluster.EnsureNodeAsync(0)).Agent);

        // The new agent works: it runs another pod, and has left the first alone.
        await Cluster.RunPodAsync("after-the-agent", Forever);
        var after = await Cluster.PodAsync("adopted", SandboxedCluster.IsReady, "ready");
        Assert.Equal(Container(before), Container(after));
    }

    [Fact]
    public async Task Pods_recover_from_a_killed_containerd()
    {
        var before = await Cluster.RunPodAsync("survivor", Forever);
        await KillAsync((await Cluster.EnsureNodeAsync(0)).Containerd.Pid);
        await Cluster.EnsureNodeAsync(0);

        await Cluster.RunPodAsync("after-containerd", Forever);
        var after = await Cluster.PodAsync("survivor", SandboxedCluster.IsReady, "ready");
        Assert.Equal(Container(before), Container(after)); // its shim kept it: nothing was restarted
        // And what dies from now on is seen again.
        await KillAsync(SandboxedCluster.ProcessOf(after));
        await Cluster.PodAsync("survivor", pod => Container(pod).Restarts > Container(before).Restarts && SandboxedCluster.IsReady(pod), "restarted and ready");
    }

    private static (string? Id, int Restarts) Container(Pod pod) =>
        pod.Status.ContainerStatuses is [var container] ? (container.ContainerID, container.RestartCount) : default;

    private static async Task KillAsync(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
        await process.WaitForExitAsync();
    }
}
