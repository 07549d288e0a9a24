using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Pods;

public sealed class PodGarbageControllerTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Fact]
    public async Task A_pod_that_never_had_a_node_ends_as_failed_so_that_its_job_counts_it()
    {
        var pod = A.Pod("work-0");
        pod.Metadata.DeletionTimestamp = A.Noon;
        pod.Metadata.Finalizers = ["batch.kubernetes.io/job-tracking"];
        pod.Status = new() { Phase = "Pending" };
        api.Put(Kinds.Pods, pod);
        using var context = new ControllerContext(api.Client(), new(), TimeProvider.System, NullLoggerFactory.Instance);
        var controller = new PodGarbageController(context);
        running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
        await controller.ReconcileAsync(new("default", "work-0"), CancellationToken.None);
        Assert.Equal("Failed", api.Get(Kinds.Pods, "default", "work-0")!.Status.Phase);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }
}
