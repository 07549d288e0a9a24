using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Nodes of their own that run short of something, with real containers that take it.</summary>
public sealed class PressureTests(NodeFixture node)
{
    [Fact]
    public async Task A_volume_beyond_its_limit_costs_its_pod()
    {
        node.Run("hoarder", "dd if=/dev/zero of=/data/file bs=1M count=8; sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() { SizeLimit = "4Mi" } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
        });
        var pod = await EvictedAsync("hoarder");
        Assert.Equal("Usage of EmptyDir volume \"data\" exceeds the limit \"4Mi\". ", pod.Status.Message);
        Assert.Contains(pod.Status.Conditions!, condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "TerminationByKubelet" });
        await Eventually.TrueAsync(() => node.Api.List(Kinds.Events).Any(happened => happened is { Reason: "Evicted", Type: "Warning" } && happened.InvolvedObject!.Name == "hoarder"), "an event");
    }

    [Fact]
    public async Task A_node_out_of_memory_evicts_who_takes_more_than_it_asked_for()
    {
        // Of 200Mi the node keeps 100Mi free: the greedy pod alone is more than pods may have together.
        await using var small = await node.StartAsync(options => options with
        {
            Memory = 200L << 20,
            EvictionThresholds = EvictionThreshold.Parse("memory.available<1Ki,allocatableMemory.available<100Mi"),
        });
        node.Run("modest", "sleep 1000", pod => pod.Spec.NodeName = small.Name);
        TakeMemory("greedy", 120, small, 0);
        var pod = await EvictedAsync("greedy");
        Assert.StartsWith("The node was low on resource: memory. Threshold quantity: 100Mi, available: ", pod.Status.Message, StringComparison.Ordinal);
        Assert.Contains("Container main was using 1", pod.Status.Message!, StringComparison.Ordinal);
        Assert.Equal("Running", node.Api.Get(Kinds.Pods, "default", "modest")!.Status.Phase);
        await NodeIsAsync(small.Name, "MemoryPressure", "True", "KubeletHasInsufficientMemory");
        node.Run("late", "sleep 1000", pod => pod.Spec.NodeName = small.Name);
        Assert.Equal("Pod was rejected: The node had condition: [MemoryPressure]. ", (await EvictedAsync("late")).Status.Message);
        await NodeIsAsync(small.Name, "Ready", "True", "KubeletReady");
    }

    [Fact]
    public async Task Of_three_pods_those_go_first_that_take_more_than_they_asked_for_and_the_less_important_before_the_others()
    {
        // Together they may have 100Mi, and the last of them takes them beyond.
        await using var small = await node.StartAsync(options => options with
        {
            Memory = 300L << 20,
            EvictionThresholds = EvictionThreshold.Parse("memory.available<1Ki,allocatableMemory.available<200Mi"),
        });
        TakeMemory("within-its-request", 40, small, 0, "64Mi");
        TakeMemory("less-important", 25, small, 0);
        await node.PodAsync("within-its-request", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        await node.PodAsync("less-important", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        TakeMemory("more-important", 80, small, 100);
        var (first, second) = (await EvictedAsync("less-important"), await EvictedAsync("more-important"));
        Assert.True(EvictedAt(first) < EvictedAt(second), $"{EvictedAt(first)} and {EvictedAt(second)}");
        Assert.Equal("Running", node.Api.Get(Kinds.Pods, "default", "within-its-request")!.Status.Phase);

        DateTimeOffset? EvictedAt(Pod pod) => node.Api.List(Kinds.Events).First(happened => happened.Reason == "Evicted" && happened.InvolvedObject!.Name == pod.Metadata.Name).FirstTimestamp;
    }

    private void TakeMemory(string name, int mebibytes, RunningKubelet machine, int priority, string? request = null) =>
        node.Run(name, $"dd if=/dev/zero of=/dev/shm/file bs=1M count={mebibytes}; sleep 1000", pod =>
        {
            (pod.Spec.NodeName, pod.Spec.Priority) = (machine.Name, priority);
            pod.Spec.Volumes = [new() { Name = "shm", EmptyDir = new() { Medium = "Memory" } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "shm", MountPath = "/dev/shm" }];
            if (request is not null) { pod.Spec.Containers[0].Resources = new() { Requests = A.Labels("memory", request) }; }
        });

    [Fact]
    public async Task A_full_disk_costs_who_filled_it_and_no_neighbour()
    {
        await using var small = await node.StartAsync(
            options => options with { EvictionThresholds = EvictionThreshold.Parse("nodefs.available<40%"), EvictionPressureTransition = TimeSpan.FromSeconds(1) }, diskSize: "32m");
        node.Run("neighbour", "sleep 1000", pod => pod.Spec.NodeName = small.Name);
        await node.PodAsync("neighbour", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        node.Run("filler", "dd if=/dev/zero of=/data/file bs=1M; sleep 1000", pod =>
        {
            pod.Spec.NodeName = small.Name;
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
        });
        Assert.StartsWith("The node was low on resource: ephemeral-storage. Threshold quantity: ", (await EvictedAsync("filler")).Status.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => node.Api.List(Kinds.Events).Any(happened => happened is { Reason: "NodeHasDiskPressure" } && happened.InvolvedObject!.Name == small.Name), "the node told of it");
        await NodeIsAsync(small.Name, "DiskPressure", "False", "KubeletHasNoDiskPressure");
        await NodeIsAsync(small.Name, "Ready", "True", "KubeletReady");
        Assert.True(node.Api.Get(Kinds.Pods, "default", "neighbour")!.Status.ContainerStatuses![0].Ready);
    }

    [Fact]
    public async Task A_node_out_of_processes_evicts_who_has_most_and_takes_nobody_until_it_has_recovered()
    {
        // Others' processes come and go by the hundred on the machine: what is left is measured in thousands.
        var (now, most) = MachineFacts.Processes();
        await using var small = await node.StartAsync(options => options with
        {
            PodMaxPids = 2000,
            EvictionThresholds = EvictionThreshold.Parse($"pid.available<{most - now - 1000}"),
            EvictionPressureTransition = TimeSpan.FromSeconds(1),
        });
        await node.RunOnAsync(small, "few-processes");
        var pod = node.Run("many-processes", "i=0; while [ $i -lt 1900 ]; do sleep 1000 & i=$((i+1)); done; wait", pod => pod.Spec.NodeName = small.Name);
        var evicted = await EvictedAsync("many-processes");
        Assert.Matches($"^The node was low on resource: pids\\. Threshold quantity: {most - now - 1000}, available: [0-9]+\\. $", evicted.Status.Message!);
        await Eventually.TrueAsync(() => node.Api.List(Kinds.Events).Any(happened => happened is { Reason: "NodeHasInsufficientPID" } && happened.InvolvedObject!.Name == small.Name), "the node told of it");
        await NodeIsAsync(small.Name, "PIDPressure", "False", "KubeletHasSufficientPID");
        await NodeIsAsync(small.Name, "Ready", "True", "KubeletReady");
        Assert.Equal((true, 0), (node.Api.Get(Kinds.Pods, "default", "few-processes")!.Status.ContainerStatuses![0].Ready, node.Api.Get(Kinds.Pods, "default", "few-processes")!.Status.ContainerStatuses![0].RestartCount));
        await Eventually.TrueAsync(() => !new Cgroup($"{small.Containerd.CgroupRoot}/kubepods/besteffort/pod{pod.Metadata.Uid}").Exists, "its cgroup is gone", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Under_pressure_of_processes_only_critical_pods_are_taken()
    {
        await using var small = await node.StartAsync(options => options with { EvictionThresholds = EvictionThreshold.Parse("pid.available<100%") });
        await NodeIsAsync(small.Name, "PIDPressure", "True", "KubeletHasInsufficientPID");
        node.Run("no-room", "sleep 1000", pod => pod.Spec.NodeName = small.Name);
        Assert.Equal("Pod was rejected: The node had condition: [PIDPressure]. ", (await EvictedAsync("no-room")).Status.Message);
        node.Run("critical-comes", "sleep 1000", pod => (pod.Spec.NodeName, pod.Spec.Priority) = (small.Name, 2_000_001_000));
        await node.PodAsync("critical-comes", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
    }

    [Fact]
    public async Task Pods_end_by_their_priorities_where_the_node_is_told_to()
    {
        await using var machine = await node.StartAsync(options => options with { ShutdownGraceByPriority = [(1000, TimeSpan.FromSeconds(30)), (0, TimeSpan.FromSeconds(30))] });
        await ReluctantAsync(machine, ("below-all", -5), ("first", 10), ("last", 1500));
        await machine.ShutDownAsync();
        var ends = ((string[])["below-all", "first", "last"]).Select(name => node.Api.Get(Kinds.Pods, "default", name)!.Status.ContainerStatuses![0].State!.Terminated!.FinishedAt).ToList();
        Assert.True(ends[0] < ends[2] && ends[1] < ends[2], string.Join(' ', ends));
    }

    private async Task ReluctantAsync(RunningKubelet machine, params (string Name, int Priority)[] pods)
    {
        const string lastWords = "trap 'sleep 1; exit 0' TERM; touch /tmp/trapped; while :; do sleep 0.1; done";
        foreach (var (name, priority) in pods)
        {
            node.Run(name, lastWords, pod =>
            {
                (pod.Spec.NodeName, pod.Spec.Priority, pod.Spec.TerminationGracePeriodSeconds) = (machine.Name, priority, 20);
                pod.Spec.Containers![0].ReadinessProbe = new() { Exec = new() { Command = ["test", "-e", "/tmp/trapped"] }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 1 };
            });
        }

        foreach (var (name, _) in pods)
        {
            await node.PodAsync(name, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        }
    }

    [Fact]
    public async Task Pods_end_in_their_order_when_the_machine_goes_down()
    {
        await using var machine = await node.StartAsync(options => options with { ShutdownGrace = TimeSpan.FromSeconds(60), ShutdownGraceCriticalPods = TimeSpan.FromSeconds(30) });
        await ReluctantAsync(machine, ("ordinary", 0), ("critical", 2_000_001_000));
        var down = machine.ShutDownAsync();
        await NodeIsAsync(machine.Name, "Ready", "False", "KubeletNotReady");
        await node.EventAsync(machine.Name, "Shutdown", "Shutdown manager detected shutdown event");
        node.Run("too-late", "true", pod => pod.Spec.NodeName = machine.Name);
        Assert.Equal("Pod was rejected: Pod was rejected as the node is shutting down.", (await node.PodAsync("too-late", pod => pod.Status.Reason == "NodeShutdown", "rejected")).Status.Message);
        await down;
        var (first, last) = (node.Api.Get(Kinds.Pods, "default", "ordinary")!, node.Api.Get(Kinds.Pods, "default", "critical")!);
        Assert.All((Pod[])[first, last], pod => Assert.Equal(
            ("Failed", "Terminated", "Pod was terminated in response to imminent node shutdown.", 0),
            (pod.Status.Phase, pod.Status.Reason, pod.Status.Message, pod.Status.ContainerStatuses![0].State!.Terminated!.ExitCode)));
        Assert.True(first.Status.ContainerStatuses![0].State!.Terminated!.FinishedAt < last.Status.ContainerStatuses![0].State!.Terminated!.FinishedAt);
    }

    [Fact]
    public async Task A_runtime_that_is_down_makes_the_node_unready_until_it_is_back()
    {
        await using var machine = await node.StartAsync(options => options with { RuntimeDownAfter = TimeSpan.FromSeconds(1) });
        node.Run("patient", "sleep 1000", pod => pod.Spec.NodeName = machine.Name);
        var before = await node.PodAsync("patient", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        await machine.Containerd.KillAsync();
        await NodeIsAsync(machine.Name, "Ready", "False", "KubeletNotReady");
        var conditions = node.Api.Get(Kinds.Nodes, null, machine.Name)!.Status.Conditions!;
        Assert.Equal("container runtime is down", conditions.Single(each => each.Type == "Ready").Message);
        Assert.Contains(conditions, each => each is { Type: "KernelDeadlock", Reason: "KernelHasNoDeadlock", Message: "kernel has no deadlock" });
        await NodeIsAsync(machine.Name, "ContainerRuntimeUnhealthy", "True", "ContainerdUnhealthy");
        await node.EventAsync(machine.Name, "ContainerdUnhealthy", "Node condition ContainerRuntimeUnhealthy is now: True");
        await machine.Containerd.StartAgainAsync();
        await NodeIsAsync(machine.Name, "Ready", "True", "KubeletReady");
        await NodeIsAsync(machine.Name, "ContainerRuntimeUnhealthy", "False", "ContainerRuntimeIsHealthy");
        Assert.Equal(before.Status.ContainerStatuses![0].ContainerID, node.Api.Get(Kinds.Pods, "default", "patient")!.Status.ContainerStatuses![0].ContainerID);
    }

    private Task<Pod> EvictedAsync(string name) => node.PodAsync(name, pod => pod.Status is { Phase: "Failed", Reason: "Evicted" }, "evicted");

    private Task NodeIsAsync(string name, string type, string status, string reason) => Eventually.TrueAsync(
        () => node.Api.Get(Kinds.Nodes, null, name)?.Status.Conditions?.Any(condition => condition.Type == type && condition.Status == status && condition.Reason == reason) == true,
        $"{name} is {type}={status}");
}
