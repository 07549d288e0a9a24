using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Simulation;
using Flotilla.NodeAgent.Runtime.Simulated;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Kubelet.Tests.Simulation;

/// <summary>Two nodes of eight cores, and pods bound to them past the scheduler: admission from the watch to the status.</summary>
public sealed class SimulatedAdmissionTests : IAsyncDisposable
{
    private const int Critical = 2_000_000_000;

    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly SimulatedNodes nodes;
    private readonly Task running;

    public SimulatedAdmissionTests()
    {
        var client = api.Client();
        var informers = new InformerFactory(client);
        var options = new KubeletOptions { NodeName = "sim", NodeIp = IPAddress.Loopback, RootDirectory = Path.GetTempPath(), Port = 0, Cpus = 8 };
        nodes = new(options, 2, client, informers, new SimulationRules(new SimulationRule { StartDelay = 0, StartJitter = 0 }), [], TimeProvider.System, NullLoggerFactory.Instance);
        running = Task.WhenAll(nodes.RunAsync(stopping.Token), informers.RunAsync(stopping.Token));
    }

    [Fact]
    public async Task Of_many_that_come_at_once_the_first_find_room_on_their_node_and_the_rest_are_told_why_not()
    {
        api.Put(Kinds.Pods, [.. Enumerable.Range(0, 12).Select(i => Pod($"many-{i}", "sim-0", "1")), Pod("elsewhere", "sim-1", "8")]);
        for (var i = 0; i < 12; i++)
        {
            var pod = await PodAsync($"many-{i}", found => found.Status.Phase is "Running" or "Failed");
            Assert.Equal(
                i < 8 ? ("Running", null, null) : ("Failed", "OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 8000, capacity: 8000"),
                (pod.Status.Phase, pod.Status.Reason, pod.Status.Message));
        }

        await RunningAsync("elsewhere");
        await EventAsync("many-11", "OutOfcpu", "Node didn't have enough resource: cpu, requested: 1000, used: 8000, capacity: 8000");
    }

    [Fact]
    public async Task Room_that_becomes_free_is_given_again()
    {
        api.Put(Kinds.Pods, Pod("first", "sim-0", "8"));
        var first = await RunningAsync("first");
        api.Put(Kinds.Pods, first with { Metadata = first.Metadata with { DeletionTimestamp = A.Noon, DeletionGracePeriodSeconds = 1 } });
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", "first") is null, "it is gone");
        api.Put(Kinds.Pods, Pod("second", "sim-0", "8"));
        await RunningAsync("second");
    }

    [Fact]
    public async Task A_critical_pod_takes_the_place_of_the_least_important()
    {
        api.Put(Kinds.Pods, Pod("too-small", "sim-0", "500m"), Pod("small", "sim-0", "2"), Pod("large", "sim-0", "5"));
        await RunningAsync("large");
        api.Put(Kinds.Pods, Pod("critical", "sim-0", "1500m", Critical));
        await RunningAsync("critical");
        var victim = await PodAsync("small", pod => pod.Status.Phase == "Failed");
        Assert.Equal(("Preempting", "Preempted in order to admit critical pod"), (victim.Status.Reason, victim.Status.Message));
        Assert.Equal(
            ("True", "TerminationByKubelet", "Pod was preempted by Kubelet to accommodate a critical pod."),
            Assert.Single(victim.Status.Conditions!, condition => condition.Type == "DisruptionTarget") is var told ? (told.Status, told.Reason, told.Message) : default);
        await EventAsync("small", "Preempting", "Preempted in order to admit critical pod");
        Assert.All((string[])["too-small", "large"], name => Assert.Equal("Running", api.Get(Kinds.Pods, "default", name)!.Status.Phase));
        // Of the victim's two cores one half is left over: nobody has to leave for the next one.
        api.Put(Kinds.Pods, Pod("next-critical", "sim-0", "1", Critical));
        await RunningAsync("next-critical");
        Assert.All((string[])["too-small", "large"], name => Assert.Equal("Running", api.Get(Kinds.Pods, "default", name)!.Status.Phase));
    }

    [Fact]
    public async Task A_critical_pod_that_nobody_can_make_room_for_is_refused_and_so_is_one_that_does_not_belong_here()
    {
        api.Put(Kinds.Pods, Pod("important", "sim-0", "6", Critical), Pod("ordinary", "sim-0", "2"));
        await RunningAsync("ordinary");
        api.Put(Kinds.Pods, Pod("too-large", "sim-0", "4", Critical), Pod("misplaced", "sim-0", "4", Critical, A.Labels("kubernetes.io/hostname", "sim-1")));
        var tooLarge = await PodAsync("too-large", pod => pod.Status.Phase == "Failed");
        Assert.Equal(
            ("UnexpectedAdmissionError", "Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 2000), ]"),
            (tooLarge.Status.Reason, tooLarge.Status.Message));
        Assert.Equal("NodeAffinity", (await PodAsync("misplaced", pod => pod.Status.Phase == "Failed")).Status.Reason);
        Assert.Equal("Running", api.Get(Kinds.Pods, "default", "ordinary")!.Status.Phase);
    }

    [Fact]
    public async Task A_label_that_the_node_was_given_later_counts()
    {
        await Eventually.TrueAsync(() => api.Get(Kinds.Nodes, null, "sim-0") is not null, "the node is registered");
        api.Put(Kinds.Pods, Pod("too-early", "sim-0", "1", selector: A.Labels("disk", "fast")));
        Assert.Equal("Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector", (await PodAsync("too-early", pod => pod.Status.Phase == "Failed")).Status.Message);
        var node = api.Get(Kinds.Nodes, null, "sim-0")!;
        api.Put(Kinds.Nodes, node with { Metadata = node.Metadata with { Labels = new Dictionary<string, string>(node.Metadata.Labels!) { ["disk"] = "fast" } } });
        api.Put(Kinds.Pods, Pod("in-time", "sim-0", "1", selector: A.Labels("disk", "fast")));
        await RunningAsync("in-time");
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await nodes.DisposeAsync();
        stopping.Dispose();
    }

    private static Pod Pod(string name, string node, string cpu, int priority = 0, IReadOnlyDictionary<string, string>? selector = null)
    {
        var pod = A.Pod(name, node, cpu: cpu);
        (pod.Spec.Priority, pod.Spec.NodeSelector, pod.Spec.TerminationGracePeriodSeconds) = (priority, selector, 1);
        return pod;
    }

    private Task<Pod> RunningAsync(string name) => PodAsync(name, pod => pod.Status.Phase == "Running");

    private async Task<Pod> PodAsync(string name, Func<Pod, bool> condition)
    {
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", name) is { } pod && condition(pod), $"pod {name} is as wanted");
        return api.Get(Kinds.Pods, "default", name)!;
    }

    private Task EventAsync(string name, string reason, string message) => Eventually.TrueAsync(
        () => api.List(Kinds.Events).Any(happened => happened.InvolvedObject!.Name == name && (happened.Reason, happened.Message, happened.Type) == (reason, message, "Warning")), $"{name}: {reason}");
}
