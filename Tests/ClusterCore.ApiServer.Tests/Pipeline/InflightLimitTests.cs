using Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;
using Flotilla.ClusterCore.ApiServer.Tests.Watching;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

/// <summary>A server with room for one request that reads and one that writes.</summary>
public sealed class InflightLimitTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private readonly RunningServer server = new() { MaxRequestsInFlight = 1, MaxMutatingRequestsInFlight = 1 };
    private HttpClient worker = null!;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        worker = server.As("worker");
        await server.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"worker"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"worker"}]}
            """);
        await Eventually.TrueAsync(async () => (await ReadAsync()).Code == 200, "the worker may do all");
    }

    public async ValueTask DisposeAsync()
    {
        worker.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Who_finds_no_room_to_write_is_told_when_to_come_again()
    {
        await using var hook = await WebhookServer.StartAsync(_ => null);
        await using var place = await WebhookNamespace.CreateAsync(server, "held");
        await place.ValidateAsync("hold.hooks.test", hook.ClientConfig, "\"timeoutSeconds\":30");
        using var gone = new CancellationTokenSource();
        using var holding = new StringContent("""{"metadata":{"name":"held"}}""", System.Text.Encoding.UTF8, "application/json");
        var held = worker.PostAsync(place.Maps, holding, gone.Token);
        await Eventually.TrueAsync(() => !hook.Requests.IsEmpty, "one write is under way");

        await TurnedAwayAsync(HttpMethod.Post, Maps);
        await TurnedAwayAsync(HttpMethod.Patch, $"{Maps}/kube-root-ca.crt");
        await TurnedAwayAsync(HttpMethod.Delete, $"{Maps}/kube-root-ca.crt");

        Assert.Equal(200, (await ReadAsync()).Code);
        Assert.Equal(201, (await server.CreateAsync(Maps, """{"metadata":{"name":"of-a-master"}}""")).Code);
        Assert.Contains("\napiserver_current_inflight_requests{request_kind=\"mutating\"} 1\n", (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await Eventually.TrueAsync(async () => (await WriteAsync()).Code == 201, "there is room again");
    }

    [Fact]
    public async Task Who_finds_no_room_to_read_is_told_when_to_come_again()
    {
        for (var i = 0; i < 24; i++) { await server.CreateAsync(Maps, $$$"""{"metadata":{"name":"m{{{i}}}"},"data":{"a":"{{{new string('x', 900 * 1024)}}}"}}"""); }
        await using (var deaf = await RawConnection.OpenAsync(server))
        {
            // More than the network takes: it lasts until its reader goes away.
            await deaf.SendAsync($"GET {Maps} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await Eventually.TrueAsync(async () => (await ReadAsync()).Code == 429, "one read is under way");

            await TurnedAwayAsync(HttpMethod.Get, $"{Maps}/m1");
            await TurnedAwayAsync(HttpMethod.Get, "/apis");

            Assert.Equal(201, (await WriteAsync()).Code);
            Assert.Equal(200, (await server.GetAsync($"{Maps}/m1")).Code);
            await using var watch = await OpenWatch.StartAsync(worker, "/api/v1/namespaces?watch=1");
            Assert.Equal("ADDED", (await watch.NextAsync()).Type);
        }

        await Eventually.TrueAsync(async () => (await ReadAsync()).Code == 200, "there is room again");
    }

    private Task<Reply> ReadAsync() => RunningServer.SendAsync(worker, HttpMethod.Get, "/api/v1/namespaces/default", null, "");

    private Task<Reply> WriteAsync() => RunningServer.SendAsync(worker, HttpMethod.Post, Maps, $$$"""{"metadata":{"name":"w{{{Guid.NewGuid():N}}}"}}""", "application/json");

    private async Task TurnedAwayAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get) { request.Content = new StringContent("{}", System.Text.Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"); }
        using var response = await worker.SendAsync(request);
        Assert.Equal((429, TimeSpan.FromSeconds(1)), ((int)response.StatusCode, response.Headers.RetryAfter!.Delta));
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("Too many requests, please try again later.\n", await response.Content.ReadAsStringAsync());
    }
}
