using System.Text.Json;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.DaemonSets;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Pods;

/// <summary>A request that the server fails is not one that is still under way: the next look asks again.</summary>
public sealed class FailingServerTests : IAsyncDisposable
{
    private const string Template = """{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"x"}]}}""";

    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly ControllerContext context;
    private Task running = Task.CompletedTask;

    public FailingServerTests() => context = new(api.Client(), new(), TimeProvider.System, NullLoggerFactory.Instance);

    [Fact]
    public async Task A_job_asks_again()
    {
        Put(Kinds.Jobs, $$$"""{"spec":{"parallelism":2,"completions":2,"selector":{"matchLabels":{"app":"web"}},"template":{{{Template}}}}}""", ObjectJson.Default.Job);
        await AsksAgainAsync(new JobController(context), "/pods");
        Assert.Equal(2, api.List(Kinds.Pods).Length);
    }

    [Fact]
    public async Task A_daemon_set_asks_again()
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        Put(Kinds.DaemonSets, $$$"""{"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{{{Template}}}}}""", ObjectJson.Default.DaemonSet);
        await AsksAgainAsync(new DaemonSetController(context), "/pods");
        Assert.Single(api.List(Kinds.Pods));
    }

    [Fact]
    public async Task A_replica_set_asks_again_for_what_is_missing()
    {
        Put(Kinds.ReplicaSets, $$$"""{"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{{{Template}}}}}""", ObjectJson.Default.ReplicaSet);
        await AsksAgainAsync(new ReplicaSetController<ReplicaSet>(context, "replicaset-controller", Kinds.ReplicaSets, set => set), "/pods");
        Assert.Equal(2, api.List(Kinds.Pods).Length);
    }

    [Fact]
    public async Task The_slices_of_a_service_are_asked_for_again()
    {
        Put(Kinds.Services, """{"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}""", ObjectJson.Default.Service);
        await AsksAgainAsync(new EndpointSliceController(context), "/endpointslices");
        Assert.Single(api.List(Kinds.EndpointSlices));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Dispose();
        stopping.Dispose();
        api.Dispose();
    }

    private void Put<T>(ResourceType<T> type, string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> info) where T : KubernetesObject =>
        api.Put(type, JsonSerializer.Deserialize(json, info)! with { Metadata = new() { Name = "web", Namespace = "default", Uid = "web-uid" } });

    private async Task AsksAgainAsync(ReconcilingController controller, string path)
    {
        running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
        api.On(HttpMethod.Post, path, () => FakeApi.Refuse(500, "ServerTimeout"));
        await Assert.ThrowsAnyAsync<Exception>(LookAsync);
        await Eventually.TrueAsync(async () => !await ConflictsAsync(LookAsync()), "what the first look wrote has come back, and another is taken");

        Task<ReconcileResult> LookAsync() => controller.ReconcileAsync(new("default", "web"), CancellationToken.None);
    }

    private static async Task<bool> ConflictsAsync(Task look)
    {
        try
        {
            await look;
            return false;
        }
        catch (ApiException exception) when (exception.Status.Reason == ApiReason.Conflict)
        {
            return true;
        }
    }
}
