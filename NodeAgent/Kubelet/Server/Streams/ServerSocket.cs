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
}
