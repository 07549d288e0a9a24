using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>
/// Joins a client's upgraded connection to the runtime's streaming server, byte for byte: the request's upgrade is made
/// again there, and the server's answer to it is given to the client.
/// </summary>
internal static class UpgradedConnection
{
    private const int LongestHead = 16 << 10;
    private static readonly string[] WebSocketProtocols = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];

    /// <summary>Whether the client asks for an upgrade that the runtime's server understands.</summary>
    public static bool CanJoin(HttpContext context) => Upgrade(context) switch
    {
        "websocket" => RuntimeProtocols(context).Any(),
        var protocol => protocol.StartsWith("spdy/", StringComparison.Ordinal),
    };

    public static async Task JoinAsync(HttpContext context, Uri address)
    {
        var cancellationToken = context.RequestAborted;
        using var server = new TcpClient { NoDelay = true };
        await server.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = server.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(RequestHead(context, address)), cancellationToken);
        var (head, rest) = await ReadHeadAsync(stream, cancellationToken);
        if (!CopyAnswer(head, context.Response))
        {
            await context.Response.Body.WriteAsync(rest, cancellationToken);
            return;
        }

        await using var client = await (context.Features.Get<IHttpUpgradeFeature>()
            ?? throw new IOException("the connection cannot be upgraded")).UpgradeAsync();
        await client.WriteAsync(rest, cancellationToken);
        await BothWaysAsync(client, stream, cancellationToken);
    }

    private static string RequestHead(HttpContext context, Uri address)
    {
        var webSocket = Upgrade(context) == "websocket";
        var head = new StringBuilder($"{(webSocket ? "GET" : "POST")} {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nContent-Length: 0\r\n");
        head.Append($"Upgrade: {context.Request.Headers.Upgrade}\r\n");
        foreach (var (name, values) in context.Request.Headers.Where(header => IsPassedOn(header.Key)))
        {
            foreach (var value in values)
            {
                head.Append($"{name}: {value}\r\n");
            }
        }

        if (webSocket)
        {
            head.Append($"{HeaderNames.SecWebSocketProtocol}: {string.Join(", ", RuntimeProtocols(context))}\r\n");
        }

        return head.Append("\r\n").ToString();
    }

    private static string Upgrade(HttpContext context) => context.Request.Headers.Upgrade.ToString().ToLowerInvariant();

    private static bool IsPassedOn(string header) => header.StartsWith("X-Stream-", StringComparison.OrdinalIgnoreCase)
        || (header.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase) && !header.Equals(HeaderNames.SecWebSocketProtocol, StringComparison.OrdinalIgnoreCase));

    /// <summary>Of what the client offers, what the runtime speaks: v5, which can close one stream, it does not; such clients turn to SPDY.</summary>
    private static IEnumerable<string> RuntimeProtocols(HttpContext context) => context.Request.Headers.SecWebSocketProtocol
        .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Intersect(WebSocketProtocols, StringComparer.Ordinal);

    private static async Task<(string Head, ReadOnlyMemory<byte> Body)> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestHead];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                return (Encoding.ASCII.GetString(buffer, 0, end), buffer.AsMemory((end + 4)..length));
            }
        }

        throw new IOException("the runtime's streaming server gave no answer");
    }

    /// <returns>Whether the server has switched protocols.</returns>
    private static bool CopyAnswer(string head, HttpResponse response)
    {
        var lines = head.Split("\r\n");
        response.StatusCode = int.Parse(lines[0].Split(' ')[1]);
        foreach (var line in lines.Skip(1))
        {
            var (name, value) = line.Split(':', 2) is [var left, var right] ? (left, right.Trim()) : (line, "");
            if (name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase) || IsPassedOn(name) || name.Equals(HeaderNames.SecWebSocketProtocol, StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.Append(name, value);
            }
        }

        return response.StatusCode == StatusCodes.Status101SwitchingProtocols;
    }

    private static async Task BothWaysAsync(Stream client, Stream server, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = client.CopyToAsync(server, ended.Token);
        var down = server.CopyToAsync(client, ended.Token);
        await Task.WhenAny(up, down);
        // Either side's end is the end: multiplexed streams are closed inside the connection.
        await ended.CancelAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
