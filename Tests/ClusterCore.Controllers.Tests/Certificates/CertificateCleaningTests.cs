using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Certificates;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Certificates;

/// <summary>A day and more of certificate requests that nobody touches: they go by the clock alone.</summary>
public sealed class CertificateCleaningTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly ControllerContext context;
    private Task running = Task.CompletedTask;

    public CertificateCleaningTests() => context = new(api.Client(), new(), clock, NullLoggerFactory.Instance);

    [Fact]
    public async Task Requests_go_an_hour_after_they_are_decided_and_a_day_after_nobody_has()
    {
        api.Put(Kinds.CertificateSigningRequests, Request("pending", null), Request("denied", "Denied"), Request("failed", "Failed"), Request("approved", "Approved"));
        running = new ControllerTerm(context, [() => new CertificateController(context)]).RunAsync(stopping.Token);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);

        await PassAsync(TimeSpan.FromMinutes(59));
        Left("approved", "denied", "failed", "pending");
        await PassAsync(TimeSpan.FromMinutes(2));
        Left("approved", "pending");
        await PassAsync(TimeSpan.FromMinutes(22 * 60 + 58));
        Left("approved", "pending");
        await PassAsync(TimeSpan.FromMinutes(2));
        // Its signer may be slow.
        Left("approved");
        await PassAsync(TimeSpan.FromDays(30));
        Left("approved");
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Dispose();
        stopping.Dispose();
        api.Dispose();
    }

    /// <summary>All is seen as it is now: a request that is made meanwhile has been looked at, after all others that were due.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        clock.Advance(time);
        var last = Request("marker", "Denied");
        last.Status.Conditions![0].LastUpdateTime = clock.GetUtcNow().AddDays(-1);
        api.Put(Kinds.CertificateSigningRequests, last);
        await Eventually.TrueAsync(() => api.Get(Kinds.CertificateSigningRequests, null, "marker") is null, "the marker is gone");
    }

    private void Left(params string[] names) => Assert.Equal(names, api.List(Kinds.CertificateSigningRequests).Select(request => request.Metadata.Name).Order());

    private static CertificateSigningRequest Request(string name, string? condition)
    {
        var request = new CertificateSigningRequest { Metadata = A.Meta(name, null), Spec = new() { SignerName = "example.com/other" } };
        request.Status.Conditions = condition is null ? null : [new() { Type = condition, Status = "True", LastUpdateTime = A.Noon }];
        return request;
    }
}
