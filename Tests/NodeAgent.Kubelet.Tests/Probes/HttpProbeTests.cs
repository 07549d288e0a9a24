using System.Net;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Runtime.Simulated;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Tests.Probes;

public sealed class HttpProbeTests : IAsyncLifetime
{
    private readonly WebApplication server;
    private readonly Prober prober = new(new SimulatedRuntime(new SimulationRules(), TimeProvider.System));

    public HttpProbeTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        server = builder.Build();
        server.MapGet("/{code:int}", (int code) => Results.StatusCode(code));
        server.MapGet("/round", (HttpContext context) => context.Response.Redirect("/round"));
        server.MapGet("/to", (HttpContext context, string where) =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (302, where);
            return context.Response.WriteAsync("gone");
        });
    }

    [Theory]
    [InlineData("/200", true, "")]
    [InlineData("/204", true, "")]
    [InlineData("/404", false, "HTTP probe failed with statuscode: 404")]
    [InlineData("/500", false, "HTTP probe failed with statuscode: 500")]
    [InlineData("/to?where=/200", true, "")]
    [InlineData("/to?where=/500", false, "HTTP probe failed with statuscode: 500")]
    [InlineData("/to?where=http://elsewhere.invalid/500", true, "Probe terminated redirects, Response body: gone")]
    [InlineData("/304", true, "Probe terminated redirects, Response body: ")]
    public async Task A_probe_follows_its_own_server_and_no_other(string path, bool success, string output) => Assert.Equal(new ProbeResult(success, output), await ProbeAsync(path));

    [Fact]
    public async Task A_probe_does_not_go_round_in_circles()
    {
        var result = await ProbeAsync("/round");
        Assert.False(result.Success);
        Assert.EndsWith("stopped after 10 redirects", result.Output, StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync() => await server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        prober.Dispose();
        await server.DisposeAsync();
    }

    private Task<ProbeResult> ProbeAsync(string path) => prober.ProbeAsync(
        new() { HttpGet = new() { Path = path, Port = new Uri(server.Urls.Single()).Port }, TimeoutSeconds = 30 },
        new("", new Container(), "127.0.0.1"),
        CancellationToken.None);
}
