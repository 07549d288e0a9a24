using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Simulation;
using Flotilla.NodeAgent.Runtime.Simulated;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Kubelet.Tests.Simulation;

/// <summary>The whole kubelet above the runtime: pods come in by watch, statuses go out by patch.</summary>
public sealed class SimulatedNodesTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly SimulatedNodes nodes;
    private readonly Task running;

    public SimulatedNodesTests()
    {
        var client = api.Client();
        var informers = new InformerFactory(client);
        var options = new KubeletOptions { NodeName = "sim", NodeIp = IPAddress.Loopback, RootDirectory = Path.GetTempPath(), Port = 0 };
        nodes = new(options, 3, client, informers, new SimulationRules(new SimulationRule { StartDelay = 0, StartJitter = 0 }), [], TimeProvider.System, NullLoggerFactory.Instance);
        running = Task.WhenAll(nodes.RunAsync(stopping.Token), informers.RunAsync(stopping.Token));
    }

    [Fact]
    public async Task Nodes_register_and_are_ready_with_a_lease()
    {
        await Eventually.TrueAsync(() => api.List(Kinds.Nodes).Length == 3 && api.List(Kinds.Leases).Length == 3, "three nodes and leases");
        Assert.All(api.List(Kinds.Nodes), node => Assert.Contains(node.Status.Conditions!, condition => condition is { Type: "Ready", Status: "True" }));
    }

    [Fact]
    public async Task A_pod_becomes_ready()
    {
        api.Put(Kinds.Pods, A.Pod("web-0", "sim-1"));
        await PodAsync("web-0", pod => pod.Status.Phase == "Running" && pod.Status.Conditions!.Any(condition => condition is { Type: "Ready", Status: "True" }));
        await Eventually.TrueAsync(() => api.List(Kinds.Events).Any(happened => happened.Reason == "Started"), "an event tells of the start");
    }

    [Fact]
    public void A_container_has_a_line_of_log() =>
        Assert.Equal("simulated: container main of pod web-0_default(uid-default-web-0), attempt 2\n", SimulatedAnswers.Log(A.Pod(), new() { Id = "1", Name = "main", SandboxId = "2", Attempt = 2, State = RunState.Running }));

    [Fact]
    public async Task A_pod_that_is_to_end_succeeds()
    {
        var pod = A.Pod("job-0", "sim-0");
        pod.Spec.RestartPolicy = "Never";
        pod.Metadata.Annotations = A.Labels(SimulationAnnotations.RunSeconds, "0.1");
        api.Put(Kinds.Pods, pod);
        await PodAsync("job-0", found => found.Status.Phase == "Succeeded");
    }

    [Fact]
    public async Task A_failing_container_is_restarted_and_counted()
    {
        var pod = A.Pod("bad-0", "sim-0");
        pod.Metadata.Annotations = A.Labels(SimulationAnnotations.RunSeconds, "0.05", SimulationAnnotations.ExitCode, "7");
        api.Put(Kinds.Pods, pod);
        await PodAsync("bad-0", found => found.Status.ContainerStatuses is [{ RestartCount: 1, State.Waiting.Reason: "CrashLoopBackOff", LastState.Terminated.ExitCode: 7 }]);
    }

    [Fact]
    public async Task A_deleted_pod_is_gone_from_the_api()
    {
        var pod = A.Pod("web-0", "sim-2");
        api.Put(Kinds.Pods, pod);
        var ready = await PodAsync("web-0", found => found.Status.Phase == "Running");
        api.Put(Kinds.Pods, ready with { Metadata = ready.Metadata with { DeletionTimestamp = A.Noon, DeletionGracePeriodSeconds = 30 } });
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", "web-0") is null, "the pod is gone");
    }

    [Fact]
    public async Task A_pod_of_another_node_is_left_alone()
    {
        api.Put(Kinds.Pods, A.Pod("other-0", "elsewhere"), A.Pod("web-0", "sim-0"));
        await PodAsync("web-0", pod => pod.Status.Phase == "Running");
        Assert.Equal("Pending", api.Get(Kinds.Pods, "default", "other-0")!.Status.Phase);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await nodes.DisposeAsync();
        stopping.Dispose();
    }

    private async Task<Pod> PodAsync(string name, Func<Pod, bool> condition)
    {
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", name) is { } pod && condition(pod), $"pod {name} is as wanted");
        return api.Get(Kinds.Pods, "default", name)!;
    }
}
