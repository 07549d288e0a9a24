using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>Port-forward in a WebSocket: the messages carry a SPDY/3.1 connection, which goes to the runtime as it is.</summary>
internal static class TunnelSocket
{
    public const string Protocol = "SPDY/3.1+portforward.k8s.io";
    public const string RuntimeProtocol = "portforward.k8s.io";

    public static async Task RunAsync(HttpContext context, Uri address)
    {
        var cancellationToken = context.RequestAborted;
        await using var connection = await RuntimeConnection.OpenSpdyAsync(address, RuntimeProtocol, cancellationToken);
        using var client = await ServerSocket.AcceptAsync(context, Protocol);
        await using var messages = WebSocketStream.Create(client, WebSocketMessageType.Binary, ownsWebSocket: false);
        await UpgradedConnection.BothWaysAsync(messages, new PrefixedStream(connection.Rest, connection.Stream), cancellationToken);
        if (client.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        }
    }
}
