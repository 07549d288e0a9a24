using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.ClusterCore.Controllers.StatefulSets;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests;

public sealed class ControllerTermTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly ControllerContext context;
    private Task running = Task.CompletedTask;

    public ControllerTermTests() => context = new(api.Client(), new(), TimeProvider.System, NullLoggerFactory.Instance);

    [Fact]
    public async Task What_is_forbidden_stops_only_who_reads_it_and_no_longer_than_it_is()
    {
        var isForbidden = true;
        api.On(HttpMethod.Get, "persistentvolumeclaims", () => isForbidden ? FakeApi.Refuse(403, "Forbidden") : FakeApi.Refuse(404, "NotFound"), int.MaxValue);
        api.Put(Kinds.ReplicaSets, A.ReplicaSet(2));
        api.Put(Kinds.StatefulSets, new StatefulSet { Metadata = A.Meta("db"), Spec = new() { Replicas = 1, Selector = A.Selector(A.Labels("app", "db")), Template = A.Template(labels: A.Labels("app", "db")) } });
        var term = new ControllerTerm(context,
        [
            () => new ReplicaSetController<ReplicaSet>(context, "replicaset-controller", Kinds.ReplicaSets, set => set),
            () => new StatefulSetController(context),
        ]);
        running = term.RunAsync(stopping.Token);
        await Eventually.TrueAsync(() => api.List(Kinds.Pods).Length == 2, "the replica set has its pods");
        Assert.Empty(api.List(Kinds.ControllerRevisions));

        isForbidden = false;
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", "db-0") is not null, "the stateful set has its pod");
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task Whose_kind_is_not_served_is_left_out_and_the_others_work()
    {
        api.On(HttpMethod.Get, "endpointslices", () => FakeApi.Refuse(404, "NotFound"), int.MaxValue);
        api.Put(Kinds.Services, A.Service());
        api.Put(Kinds.ReplicaSets, A.ReplicaSet(1));
        var term = new ControllerTerm(context,
        [
            () => new EndpointSliceController(context),
            () => new ReplicaSetController<ReplicaSet>(context, "replicaset-controller", Kinds.ReplicaSets, set => set),
        ]);
        running = term.RunAsync(stopping.Token);
        await Eventually.TrueAsync(() => api.List(Kinds.Pods).Length == 1, "the replica set has its pod");
        lock (api.Requests) { Assert.DoesNotContain(api.Writes, write => write.Path.Contains("endpointslices", StringComparison.Ordinal)); }
        Assert.False(running.IsCompleted);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Dispose();
        stopping.Dispose();
        api.Dispose();
    }
}
