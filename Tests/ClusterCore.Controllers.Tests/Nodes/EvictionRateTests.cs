using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Nodes;

/// <summary>Two hours of a cluster whose zones have failed in part: how many nodes are emptied by when.</summary>
public sealed class EvictionRateTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private readonly FakeApi api = new();
    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Fact]
    public async Task Each_zone_is_emptied_as_fast_as_its_state_allows()
    {
        Put("large", ready: 20, silent: 40);
        Put("healthy", ready: 8, silent: 2);
        Put("small", ready: 1, silent: 3);
        // What was heard last stays so: the zones are as they are for good.
        var context = new ControllerContext(api.Client(), new() { NodeMonitorGracePeriod = TimeSpan.FromDays(1) }, clock, NullLoggerFactory.Instance);
        var controller = new NodeLifecycleController(context);
        running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);

        await PassAsync(controller, context, TimeSpan.FromSeconds(30));
        Assert.Equal((1, 2, 0), Evicted());
        await PassAsync(controller, context, TimeSpan.FromHours(1) - TimeSpan.FromSeconds(30));
        // One to begin with, then one in a hundred seconds, or in the step after.
        Assert.InRange(Evicted().Large, 32, 37);
        await PassAsync(controller, context, TimeSpan.FromHours(1));
        Assert.Equal((40, 2, 0), Evicted());
        context.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }

    private async Task PassAsync(NodeLifecycleController controller, ControllerContext context, TimeSpan time)
    {
        var nodes = context.Informers.Get(Kinds.Nodes);
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            clock.Advance(Step);
            foreach (var node in nodes.List().Where(node => !node.IsReady() && !NodeTaints.IsEvicting(node)).OrderBy(node => node.Metadata.Name))
            {
                await controller.ReconcileAsync(node.Key, CancellationToken.None);
                await Eventually.TrueAsync(
                    () => nodes.Find(node.Key)!.Metadata.ResourceVersion == api.Get(Kinds.Nodes, null, node.Metadata.Name)!.Metadata.ResourceVersion, "the cache knows");
            }
        }
    }

    private (int Large, int Healthy, int Small) Evicted()
    {
        var evicted = api.List(Kinds.Nodes).Where(NodeTaints.IsEvicting).CountBy(node => node.Metadata.Labels!["topology.kubernetes.io/zone"]).ToDictionary();
        return (evicted.GetValueOrDefault("large"), evicted.GetValueOrDefault("healthy"), evicted.GetValueOrDefault("small"));
    }

    private void Put(string zone, int ready, int silent)
    {
        for (var i = 0; i < ready + silent; i++)
        {
            var node = A.Node($"{zone}-{i}", ready: true, labels: A.Labels("topology.kubernetes.io/zone", zone));
            node.Status.Conditions![0].Status = i < ready ? "True" : "Unknown";
            api.Put(Kinds.Nodes, node);
        }
    }
}
