using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Watching;

[Collection(ServerCollection.Name)]
public sealed class WatchSocketTests(RunningServer server)
{
    [Fact]
    public async Task Events_come_as_text_messages_until_either_end_closes()
    {
        await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"socket"}}""");
        const string maps = "/api/v1/namespaces/socket/configmaps";
        await server.CreateAsync(maps, """{"metadata":{"name":"one"}}""");
        using var socket = await server.ConnectAsync($"{maps}?watch=1");
        Assert.Equal(("ADDED", "one"), await NextAsync(socket));
        await server.CreateAsync(maps, """{"metadata":{"name":"two"}}""");
        Assert.Equal(("ADDED", "two"), await NextAsync(socket));
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Fact]
    public async Task A_watch_whose_time_is_up_closes_the_socket()
    {
        using var socket = await server.ConnectAsync("/api/v1/namespaces/none/configmaps?watch=1&timeoutSeconds=1");
        using var limit = new CancellationTokenSource(Eventually.Limit);
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[1024], limit.Token)).MessageType);
    }

    private static async Task<(string Type, string Name)> NextAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var buffer = new byte[64 * 1024];
        var read = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.Equal((WebSocketMessageType.Text, true), (read.MessageType, read.EndOfMessage));
        var change = JsonNode.Parse(buffer.AsSpan(0, read.Count))!;
        return (change["type"]!.ToString(), change["object"]!["metadata"]!["name"]!.ToString());
    }
}
