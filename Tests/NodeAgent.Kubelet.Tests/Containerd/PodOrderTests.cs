using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>What comes before what: at a pod's end, around its life, at a registry.</summary>
public sealed class PodOrderTests(NodeFixture node)
{
    [Fact]
    public async Task Sidecars_are_told_of_the_end_at_once_and_stopped_after_the_rest_in_reverse()
    {
        var folder = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "ending")).FullName;
        node.Run("ends-in-order", "", pod =>
        {
            pod.Spec.TerminationGracePeriodSeconds = 30;
            pod.Spec.Volumes = [new() { Name = "data", HostPath = new() { Path = folder } }];
            pod.Spec.InitContainers = [Says("first", "Always"), Says("second", "Always")];
            pod.Spec.Containers = [Says("main")];
        });
        await node.PodAsync("ends-in-order", pod => pod.Status.ContainerStatuses?[0].Ready == true && pod.Status.InitContainerStatuses!.All(each => each.Ready), "ready");
        node.Delete(node.Api.Get(Kinds.Pods, "default", "ends-in-order")!, grace: 30);
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Pods, "default", "ends-in-order") is null, "it is gone", TimeSpan.FromSeconds(40));
        var said = await File.ReadAllLinesAsync(Path.Combine(folder, "said"));
        Assert.Equal(["told first", "told main", "told second"], said.Take(3).Order());
        Assert.Equal(["main ends", "second ends", "first ends"], said.Skip(3));

        // The hook of each waits for those of all: told one after the other, none would ever be over before the grace period.
        static Container Says(string name, string? restart = null) => new()
        {
            Name = name,
            Image = NodeFixture.Image,
            RestartPolicy = restart,
            Command = ["sh", "-c", $"trap 'sleep 0.5; echo {name} ends >> /data/said; exit 0' TERM; touch /data/{name}; while :; do sleep 0.1; done"],
            ReadinessProbe = new() { Exec = new() { Command = ["test", "-e", $"/data/{name}"] }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 3, SuccessThreshold = 1 },
            Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["sh", "-c", $"echo told {name} >> /data/said; until [ $(grep -c told /data/said) = 3 ]; do sleep 0.1; done"] } } },
            VolumeMounts = [new() { Name = "data", MountPath = "/data" }],
        };
    }

    [Fact]
    public async Task Hooks_over_http_reach_the_container()
    {
        node.Run("http-hooks", "mkdir /www; touch /www/begun /www/ending /www/elsewhere; httpd -f -vv -p 8080 -h /www 2>&1", pod =>
        {
            pod.Metadata = pod.Metadata with { Finalizers = ["example.com/look"] };
            pod.Spec.TerminationGracePeriodSeconds = 10;
            pod.Spec.Containers![0].Lifecycle = new() { PreStop = new() { HttpGet = new() { Path = "/ending", Port = "8080" } } };
            pod.Spec.Containers[0].ReadinessProbe = new() { HttpGet = new() { Path = "/begun", Port = "8080" }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 3, SuccessThreshold = 1 };
        });
        await node.PodAsync("http-hooks", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        var server = node.Api.Get(Kinds.Pods, "default", "http-hooks")!;
        node.Run("asks-at-its-start", "sleep 1000", pod =>
            pod.Spec.Containers![0].Lifecycle = new() { PostStart = new() { HttpGet = new() { Host = server.Status.PodIP, Path = "/elsewhere", Port = "8080" } } });
        await node.PodAsync("asks-at-its-start", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.Contains("url:/elsewhere", await node.LogAsync("http-hooks"), StringComparison.Ordinal);
        node.Delete(server, grace: 10);
        await Eventually.TrueAsync(async () => (await node.LogAsync("http-hooks")).Contains("url:/ending", StringComparison.Ordinal), "the hook has asked");
    }

    [Fact]
    public async Task A_container_that_is_restarted_for_its_probe_is_told_first()
    {
        // The probe fails until the hook has run, which it does in the first container alone: the second one stays.
        node.Run("told-first", "sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            var main = pod.Spec.Containers![0];
            main.VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
            main.LivenessProbe = new() { Exec = new() { Command = ["test", "-e", "/data/said"] }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 1, TerminationGracePeriodSeconds = 20 };
            main.Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["sh", "-c", "echo told >> /data/said"] } }, StopSignal = "SIGKILL" };
        });
        await node.PodAsync("told-first", pod => pod.Status.ContainerStatuses?[0] is { RestartCount: > 0, Ready: true }, "restarted");
        Assert.StartsWith("told\n", await node.ExecAsync("told-first", "cat /data/said"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_fails_after_the_start_ends_the_container_and_is_told()
    {
        node.Run("bad-start", "sleep 1000", pod => pod.Spec.Containers![0].Lifecycle = new() { PostStart = new() { Exec = new() { Command = ["sh", "-c", "echo broken >&2; exit 4"] } } });
        await node.EventAsync("bad-start", "FailedPostStartHook", "PostStartHook failed: command 'sh -c echo broken >&2; exit 4' exited with 4: broken");
        await node.PodAsync("bad-start", pod => pod.Status.ContainerStatuses?[0].RestartCount > 0, "started again");
    }

    [Fact]
    public async Task Five_images_are_pulled_at_a_time_and_the_others_wait()
    {
        // A registry that takes connections and never says anything.
        using var registry = new TcpListener(IPAddress.Parse(node.Containerd.Addresses.Host), 0);
        registry.Start();
        var open = new ConcurrentQueue<TcpClient>();
        using var ending = new CancellationTokenSource();
        var accepting = AcceptAsync();
        for (var i = 0; i < 7; i++)
        {
            var image = $"{registry.LocalEndpoint}/silent:{i}";
            node.Run($"pulls-{i}", "true", pod => (pod.Spec.Containers![0].Image, pod.Spec.Containers[0].ImagePullPolicy) = (image, "Always"));
        }

        await Eventually.TrueAsync(() => open.Count == 5 && Pulling() == 7, "five of seven ask");
        Assert.Equal(5, open.Count);
        open.TryDequeue(out var first);
        first!.Dispose();
        await Eventually.TrueAsync(() => open.Count == 5, "the next one asks");
        foreach (var i in Enumerable.Range(0, 7))
        {
            node.Delete(node.Api.Get(Kinds.Pods, "default", $"pulls-{i}")!);
        }

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
        foreach (var client in open) { client.Dispose(); }

        int Pulling() => node.Api.List(Kinds.Events).Count(happened => happened.Reason == "Pulling" && happened.InvolvedObject!.Name!.StartsWith("pulls-", StringComparison.Ordinal));

        async Task AcceptAsync()
        {
            while (true) { open.Enqueue(await registry.AcceptTcpClientAsync(ending.Token)); }
        }
    }
}
