using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Nodes;

public sealed class NodeLifecycleControllerTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Fact]
    public async Task A_silent_node_is_in_doubt_and_evicts_its_pods_at_once()
    {
        api.Put(Kinds.Nodes, A.Node("alive"), A.Node("silent"));
        api.Put(Kinds.Pods, A.Pod("web-0", "silent", "Running", ready: true));
        var context = new ControllerContext(api.Client(), new(), clock, NullLoggerFactory.Instance);
        var controller = new NodeLifecycleController(context);
        running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(40));
        await SpeakAsync(context, "alive");

        await controller.ReconcileAsync(new(null, "silent"), CancellationToken.None);
        Assert.All(Silent().Status.Conditions!, condition => Assert.Equal("Unknown", condition.Status));
        Assert.Equal("False", api.Get(Kinds.Pods, "default", "web-0")!.Status.Conditions![0].Status);

        var nodes = context.Informers.Get(Kinds.Nodes);
        await Eventually.TrueAsync(() => nodes.Find(null, "silent")!.Metadata.ResourceVersion == Silent().Metadata.ResourceVersion, "the cache knows");
        await controller.ReconcileAsync(new(null, "silent"), CancellationToken.None);
        Assert.Equal(["NoSchedule", "NoExecute"], Silent().Spec.Taints!.Select(taint => taint.Effect));
        Assert.All(Silent().Spec.Taints!, taint => Assert.NotNull(taint.TimeAdded));
    }

    [Fact]
    public async Task A_node_that_evicts_goes_on_evicting_when_it_falls_silent()
    {
        var failing = A.Node("silent", ready: false, taints: [new() { Key = "node.kubernetes.io/not-ready", Effect = "NoExecute", TimeAdded = A.Noon }]);
        failing.Status.Conditions![0].Status = "Unknown";
        api.Put(Kinds.Nodes, A.Node("alive"), failing);
        // Nothing may be evicted anew.
        var context = new ControllerContext(api.Client(), new() { NodeEvictionRate = 0 }, clock, NullLoggerFactory.Instance);
        var controller = new NodeLifecycleController(context);
        running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
        await controller.ReconcileAsync(new(null, "silent"), CancellationToken.None);
        Assert.Equal(
            ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"], Silent().Spec.Taints!.Select(taint => $"{taint.Key}:{taint.Effect}"));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }

    /// <summary>A heartbeat, and the controller has heard it.</summary>
    private async Task SpeakAsync(ControllerContext context, string name)
    {
        var heard = false;
        var now = clock.GetUtcNow();
        context.Informers.Get(Kinds.Nodes).AddHandler(change => heard |= change.Key.Name == name && change.New?.Status.Conditions![0].LastHeartbeatTime == now);
        var node = A.Node(name);
        node.Status.Conditions![0].LastHeartbeatTime = now;
        api.Put(Kinds.Nodes, node);
        await Eventually.TrueAsync(() => heard, $"{name} is heard");
    }

    private Node Silent() => api.Get(Kinds.Nodes, null, "silent")!;
}
