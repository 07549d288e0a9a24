using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Jobs;

public sealed class OrphanedJobPodTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Theory]
    [InlineData(null, false)] // the job is gone
    [InlineData("another", false)] // one of its name has come
    [InlineData("mine", true)]
    public async Task A_pod_keeps_its_finalizer_as_long_as_its_job_is_there(string? jobUid, bool kept)
    {
        if (jobUid is not null) { api.Put(Kinds.Jobs, new Job { Metadata = new() { Name = "work", Namespace = "default", Uid = jobUid } }); }
        api.Put(Kinds.Pods, Pod());
        using var context = new ControllerContext(api.Client(), new(), TimeProvider.System, NullLoggerFactory.Instance);
        var controller = new OrphanedJobPodController(context);
        running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
        await controller.ReconcileAsync(new("default", "work-0"), CancellationToken.None);
        Assert.Equal(kept ? [JobPods.Finalizer, "other"] : ["other"], api.Get(Kinds.Pods, "default", "work-0")!.Metadata.Finalizers);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }

    private static Pod Pod() => A.Pod("work-0") with
    {
        Metadata = new()
        {
            Name = "work-0",
            Namespace = "default",
            Uid = "work-0",
            Finalizers = [JobPods.Finalizer, "other"],
            OwnerReferences = [new() { ApiVersion = "batch/v1", Kind = "Job", Name = "work", Uid = "mine", Controller = true }],
        },
    };
}
