using System.Text.Json;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Deployments;

public sealed class DeploymentControllerTests : IDisposable
{
    private readonly FakeApi api = new();
    private readonly ControllerContext context;

    public DeploymentControllerTests() => context = new(api.Client(), new(), TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Half of it would be of one moment and half of another: four replicas ready, and two of them available.</summary>
    [Fact]
    public async Task A_status_is_written_only_over_the_one_it_was_made_from()
    {
        var seen = Put("""{"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":2}""");
        var controller = new DeploymentController(context);
        await SeeAsync();
        var newer = Put("""{"replicas":4,"updatedReplicas":4,"readyReplicas":4,"availableReplicas":4}""");
        Assert.NotEqual(seen.Metadata.ResourceVersion, newer.Metadata.ResourceVersion);
        var refused = await Assert.ThrowsAsync<ApiException>(() => controller.ReconcileAsync(new("default", "web"), CancellationToken.None));
        Assert.Equal(ApiReason.Conflict, refused.Status.Reason);
        Assert.Equal(newer.Status, api.Get(Kinds.Deployments, "default", "web")!.Status);
    }

    public void Dispose()
    {
        context.Dispose();
        api.Dispose();
    }

    /// <summary>What there is, and nothing after it.</summary>
    private async Task SeeAsync()
    {
        using var stopping = new CancellationTokenSource();
        var running = context.Informers.RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Deployment Put(string status)
    {
        var web = JsonSerializer.Deserialize(
            $$$"""
            {
              "metadata": {"name": "web", "namespace": "default", "uid": "web-uid"},
              "spec": {
                "replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "strategy": {"type": "RollingUpdate"},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": "x"}]}}
              },
              "status": {{{status}}}
            }
            """,
            ObjectJson.Default.Deployment)!;
        api.Put(Kinds.Deployments, web);
        return api.Get(Kinds.Deployments, "default", "web")!;
    }
}
