using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>The server's side of a WebSocket handshake (RFC 6455 §4.2.2). The framework's own refuses Kubernetes' protocol names with a slash.</summary>
internal static class ServerSocket
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>Enough for a slow client to read what is on its way.</summary>
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(30);

    public static async Task<WebSocket> AcceptAsync(HttpContext context, string protocol)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>() ?? throw new IOException("the connection cannot be upgraded");
        var headers = context.Response.Headers;
        headers.Upgrade = "websocket";
        headers[HeaderNames.SecWebSocketProtocol] = protocol;
#pragma warning disable CA5350 // RFC 6455 says SHA-1; it proves that the server read the request, nothing more.
        headers[HeaderNames.SecWebSocketAccept] = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + AcceptSuffix)));
#pragma warning restore CA5350
        return WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), isServer: true, subProtocol: null, KeepAlive);
    }

    /// <summary>
    /// Ends a conversation in which all is said. The connection stays until the client says that it has heard (RFC 6455 §7.1.1): one that
    /// ends with something unread is reset, and what the client has yet to read goes with it.
    /// </summary>
    /// <param name="hearing">Ends with what the client says; null where nobody listens to it.</param>
    public static async Task CloseAsync(WebSocket socket, Task? hearing, CancellationToken cancellationToken)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        }

        await Task.WhenAny(hearing ?? HearOutAsync(socket, cancellationToken), Task.Delay(LongestClose, cancellationToken));
    }

    private static async Task HearOutAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            _ = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        }
    }
}
