using System.Net.WebSockets;
using System.Security.Cryptography;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>The server's end of a WebSocket (RFC 6455) on which only the server speaks.</summary>
internal sealed class ServerSocket : IAsyncDisposable
{
    private const string TokenProtocol = "base64url.bearer.authorization.k8s.io.";
    private static readonly TimeSpan keepAlive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan longestClose = TimeSpan.FromSeconds(2);

    private readonly WebSocket socket;
    private readonly Task reading;

    private ServerSocket(WebSocket socket, string protocol, CancellationTokenSource end)
    {
        this.socket = socket;
        Protocol = protocol;
        reading = ReadAsync(end);
    }

    /// <summary>What both sides agreed on; empty when the client named none.</summary>
    public string Protocol { get; }

    public static bool IsWanted(HttpRequest request) => request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <param name="end">Cancelled when the client closes.</param>
    /// <param name="protocols">Those that are spoken; none for whatever the client names first.</param>
    public static async Task<ServerSocket> AcceptAsync(HttpContext context, CancellationTokenSource end, params string[] protocols)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (upgrade is not { IsUpgradableRequest: true } || context.Request.Headers.SecWebSocketKey is not [{ } key])
        {
            throw Refusal.BadRequest("unable to upgrade: a WebSocket wants HTTP/1.1 and Sec-WebSocket-Key");
        }

        var protocol = Agree(Named(context.Request), protocols);
        var headers = context.Response.Headers;
        (headers.Connection, headers.Upgrade, headers.SecWebSocketAccept) = ("Upgrade", "websocket", Accept(key));
        if (protocol.Length > 0) { headers.SecWebSocketProtocol = protocol; }
        var stream = await upgrade.UpgradeAsync();
        return new(WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = keepAlive }), protocol, end);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken) =>
        socket.SendAsync(message, type, endOfMessage: true, cancellationToken);

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
    private static string[] Named(HttpRequest request) => [.. request.Headers.SecWebSocketProtocol
        .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .Where(protocol => !protocol.StartsWith(TokenProtocol, StringComparison.Ordinal))];

    private static string Agree(string[] named, string[] spoken)
    {
        if (named.Length == 0) { return ""; }
        return Array.Find(named, name => spoken.Length == 0 || spoken.Contains(name, StringComparer.Ordinal))
            ?? throw Refusal.BadRequest($"requested protocol(s) are not supported: [{string.Join(' ', named)}]; supports [{string.Join(' ', spoken)}]");
    }

#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; it protects nothing here.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
