using System.Net;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Network.Tests.Services;

public sealed class ServiceHealthServerTests : IAsyncDisposable
{
    private readonly ServiceHealthServer server = new(NullLogger.Instance);
    private readonly CancellationTokenSource stopping = new();
    private readonly HttpClient client = new();
    private readonly int port = LoopbackPort.Free();
    private readonly Task running;

    public ServiceHealthServerTests() => running = server.RunAsync(stopping.Token);

    [Theory, InlineData(2, HttpStatusCode.OK), InlineData(0, HttpStatusCode.ServiceUnavailable)]
    public async Task A_node_is_healthy_for_a_service_when_it_has_endpoints_of_it(int endpoints, HttpStatusCode expected)
    {
        server.Update([new(port, "default", "web", endpoints)]);
        using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"));
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal($"{endpoints}", answer.Headers.GetValues("X-Load-Balancing-Endpoint-Weight").Single());
        Assert.Equal($$"""{"service":{"namespace":"default","name":"web"},"localEndpoints":{{endpoints}},"serviceProxyHealthy":true}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_port_is_given_up_with_its_service()
    {
        server.Update([new(port, "default", "web", 1)]);
        server.Update([]);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://127.0.0.1:{port}/")));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.Dispose();
        client.Dispose();
        stopping.Dispose();
    }
}
