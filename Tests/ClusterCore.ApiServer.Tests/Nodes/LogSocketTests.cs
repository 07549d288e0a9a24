using System.Net;
using System.Net.WebSockets;
using System.Text;
using Flotilla.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Tests.Nodes;

/// <summary>Logs over WebSocket, as browsers read them, of a kubelet that gives everyone the same one.</summary>
[Collection(ServerCollection.Name)]
public sealed class LogSocketTests(RunningServer server) : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private readonly string name = $"logging-{Guid.NewGuid():N}"[..16];
    private WebApplication kubelet = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server.Api.Pki.Server)));
        kubelet = builder.Build();
        kubelet.MapGet($"/containerLogs/default/{name}/c", static () => "a line\n");
        await kubelet.StartAsync();
        await server.CreateAsync("/api/v1/nodes", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        var port = new Uri(kubelet.Urls.First()).Port;
        await server.PatchAsync(
            $"/api/v1/nodes/{name}/status",
            """{"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":PORT}}}}"""
                .Replace("PORT", $"{port}", StringComparison.Ordinal));
        await server.CreateAsync(Pods, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"nodeName":"{{{name}}}","containers":[{"name":"c","image":"x"}]}}""");
    }

    public async ValueTask DisposeAsync() => await kubelet.DisposeAsync();

    [Theory]
    [InlineData("binary.k8s.io", WebSocketMessageType.Binary, "a line\n")]
    [InlineData("base64.binary.k8s.io", WebSocketMessageType.Text, "YSBsaW5lCg==")]
    [InlineData(null, WebSocketMessageType.Binary, "a line\n")]
    public async Task A_log_comes_in_messages_after_an_empty_one(string? protocol, WebSocketMessageType type, string line)
    {
        using var socket = await server.ConnectAsync($"{Pods}/{name}/log", protocol);
        Assert.Equal(protocol, socket.SubProtocol);
        Assert.Equal((type, ""), await NextAsync(socket));
        Assert.Equal((type, line), await NextAsync(socket));
        Assert.Equal((WebSocketMessageType.Close, ""), await NextAsync(socket));
    }

    [Fact]
    public async Task An_unknown_protocol_is_refused() =>
        await Assert.ThrowsAsync<WebSocketException>(() => server.ConnectAsync($"{Pods}/{name}/log", "channel.k8s.io"));

    private static async Task<(WebSocketMessageType Type, string Text)> NextAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var buffer = new byte[1024];
        var read = await socket.ReceiveAsync(buffer, limit.Token);
        return (read.MessageType, Encoding.UTF8.GetString(buffer, 0, read.Count));
    }
}
