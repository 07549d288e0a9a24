using System.Net.WebSockets;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// A container's log over WebSocket, for browsers: bytes as they come in binary messages, or as base64 in text messages. The first
/// message is empty: it says that the log was found.
/// </summary>
internal static class LogSocket
{
    private const string Binary = "binary.k8s.io";
    private const string Base64 = "base64.binary.k8s.io";

    public static async Task SendAsync(HttpContext context, HttpResponseMessage log)
    {
        await using var body = await log.Content.ReadAsStreamAsync(context.RequestAborted);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        await using var socket = await ServerSocket.AcceptAsync(context, end, Binary, Base64);
        var buffer = new byte[2048];
        try
        {
            await SendAsync(socket, default, end.Token);
            while (await body.ReadAsync(buffer, end.Token) is > 0 and var read) { await SendAsync(socket, buffer.AsMemory(0, read), end.Token); }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return; // the client has seen enough
        }
    }

    private static ValueTask SendAsync(ServerSocket socket, ReadOnlyMemory<byte> part, CancellationToken cancellationToken) =>
        socket.Protocol == Base64
            ? socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(part.Span)), WebSocketMessageType.Text, cancellationToken)
            : socket.SendAsync(part, WebSocketMessageType.Binary, cancellationToken);
}
