using System.Net.WebSockets;
using System.Security.Cryptography;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>A watch over WebSocket (RFC 6455), for browsers: each event is one text message.</summary>
internal sealed class WatchSocket : IWatchStream
{
    private const string TokenProtocol = "base64url.bearer.authorization.k8s.io.";
    private static readonly TimeSpan keepAlive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan longestClose = TimeSpan.FromSeconds(2);

    private readonly List<byte[]> waiting = [];
    private readonly WebSocket socket;
    private readonly Task reading;

    private WatchSocket(WebSocket socket, CancellationTokenSource end)
    {
        this.socket = socket;
        reading = ReadAsync(end);
    }

    public static bool IsWanted(HttpRequest request) => request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <param name="end">Cancelled when the client closes.</param>
    public static async Task<WatchSocket> AcceptAsync(HttpContext context, CancellationTokenSource end)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (upgrade is not { IsUpgradableRequest: true } || context.Request.Headers.SecWebSocketKey is not [{ } key])
        {
            throw Refusal.BadRequest("unable to upgrade: a WebSocket wants HTTP/1.1 and Sec-WebSocket-Key");
        }

        var headers = context.Response.Headers;
        (headers.Connection, headers.Upgrade, headers.SecWebSocketAccept) = ("Upgrade", "websocket", Accept(key));
        if (Protocols(context.Request).FirstOrDefault() is { } protocol) { headers.SecWebSocketProtocol = protocol; }
        var stream = await upgrade.UpgradeAsync();
        return new(WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = keepAlive }), end);
    }

    public void Write(byte[] frame) => waiting.Add(frame);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var frame in waiting) { await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken); }
        waiting.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        await Task.WhenAny(reading, Task.Delay(longestClose));
        socket.Dispose();
        await reading;
    }

    /// <summary>What the client says is of no interest, only that it closes. Uncancelled: that would take the socket away before it is closed.</summary>
    private async Task ReadAsync(CancellationTokenSource end)
    {
        var buffer = new byte[1024];
        try
        {
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close) { }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return; // gone without a word, or told to go
        }

        await end.CancelAsync();
    }

    /// <summary>A bearer token comes as a protocol, and is none.</summary>
    private static IEnumerable<string> Protocols(HttpRequest request) => request.Headers.SecWebSocketProtocol
        .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .Where(protocol => !protocol.StartsWith(TokenProtocol, StringComparison.Ordinal));

#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; it protects nothing here.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
