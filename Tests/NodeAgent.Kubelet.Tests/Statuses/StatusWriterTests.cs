using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Kubelet.Tests.Statuses;

public sealed class StatusWriterTests
{
    [Theory]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(503, "ServiceUnavailable")]
    public async Task A_status_that_was_turned_away_is_written_again(int code, string reason)
    {
        using var api = new FakeApi();
        using var client = api.Client();
        using var writer = new StatusWriter(client, TimeProvider.System, NullLogger.Instance);
        using var stopping = new CancellationTokenSource();
        var pod = A.Pod("web-0", "node-0", "Pending");
        api.Put(Kinds.Pods, pod);
        api.On(HttpMethod.Patch, "web-0/status", () => FakeApi.Refuse(code, reason), times: 2);
        var running = writer.RunAsync(stopping.Token);
        writer.Set(pod, new() { Phase = "Running" });
        await writer.FlushAsync(pod.Metadata.Uid!, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("Running", api.Get(Kinds.Pods, "default", "web-0")!.Status.Phase);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
