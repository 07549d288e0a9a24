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
    private const string StreamProtocol = "X-Stream-Protocol-Version";
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(5);
    private static readonly string[] WebSocketProtocols = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];

    /// <summary>Whether the client asks for SPDY/3.1 itself, not for a WebSocket that carries it.</summary>
    public static bool IsSpdy(HttpContext context) => Upgrade(context).StartsWith("spdy/", StringComparison.Ordinal);

    /// <summary>Tells who asked for no upgrade, or for one that nobody understands.</summary>
    public static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync("you must specify an upgrade: SPDY/3.1, or WebSocket with one of its protocols");
    }

    /// <summary>Takes the connection over, for streams that the client will open.</summary>
    /// <param name="protocol">What the streams are for.</param>
    /// <returns>Null, and the client is told so, where it does not offer that.</returns>
    public static async Task<Stream?> AcceptSpdyAsync(HttpContext context, string protocol)
    {
        if (!context.Request.Headers[StreamProtocol].Contains(protocol))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync($"unable to upgrade: unable to negotiate protocol: server supports {protocol}");
            return null;
        }

        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers[StreamProtocol] = protocol;
        return await (context.Features.Get<IHttpUpgradeFeature>() ?? throw new IOException("the connection cannot be upgraded")).UpgradeAsync();
    }

    /// <summary>Whether the client asks for an upgrade that the runtime's server understands.</summary>
    public static bool CanJoin(HttpContext context) => Upgrade(context) switch
    {
        "websocket" => RuntimeProtocols(context).Any(),
        _ => IsSpdy(context),
    };

    public static async Task JoinAsync(HttpContext context, Uri address)
    {
        var cancellationToken = context.RequestAborted;
        var method = Upgrade(context) == "websocket" ? "GET" : "POST";
        await using var server = await RuntimeConnection.OpenAsync(address, method, RequestHeaders(context), cancellationToken);
        CopyAnswer(server, context.Response);
        if (!server.Upgraded)
        {
            await context.Response.Body.WriteAsync(server.Rest, cancellationToken);
            return;
        }

        await using var client = await (context.Features.Get<IHttpUpgradeFeature>()
            ?? throw new IOException("the connection cannot be upgraded")).UpgradeAsync();
        await client.WriteAsync(server.Rest, cancellationToken);
        await BothWaysAsync(client, server.Stream, cancellationToken);
    }

    /// <summary>The sub-protocols a WebSocket client offers.</summary>
    public static IEnumerable<string> Offered(HttpContext context) => Upgrade(context) != "websocket" ? [] : context.Request.Headers.SecWebSocketProtocol
        .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries));

    /// <summary>
    /// Passes on what either says, until one ends. When it is the server, the client is heard out for a while: a connection that ends with
    /// something unread is reset, and what the client has yet to read goes with it.
    /// </summary>
    public static async Task BothWaysAsync(Stream client, Stream server, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = HearOutAsync(client, server, ended.Token);
        var down = server.CopyToAsync(client, ended.Token);
        if (await Task.WhenAny(up, down) == down)
        {
            await Task.WhenAny(up, Task.Delay(LongestClose, cancellationToken));
        }

        await ended.CancelAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What the server takes no more is passed over: its own last words may still be on their way.</summary>
    private static async Task HearOutAsync(Stream client, Stream server, CancellationToken cancellationToken)
    {
        var (buffer, taken) = (new byte[32 << 10], true);
        while (await client.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            try
            {
                if (taken) { await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken); }
            }
            catch (IOException)
            {
                taken = false;
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> RequestHeaders(HttpContext context)
    {
        yield return ("Upgrade", context.Request.Headers.Upgrade.ToString());
        foreach (var (name, values) in context.Request.Headers.Where(header => IsPassedOn(header.Key)))
        {
            foreach (var value in values)
            {
                yield return (name, value ?? "");
            }
        }

        if (RuntimeProtocols(context).ToList() is { Count: > 0 } protocols)
        {
            yield return (HeaderNames.SecWebSocketProtocol, string.Join(", ", protocols));
        }
    }

    private static string Upgrade(HttpContext context) => context.Request.Headers.Upgrade.ToString().ToLowerInvariant();

    private static bool IsPassedOn(string header) => header.StartsWith("X-Stream-", StringComparison.OrdinalIgnoreCase)
        || (header.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase) && !header.Equals(HeaderNames.SecWebSocketProtocol, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> RuntimeProtocols(HttpContext context) => Offered(context).Intersect(WebSocketProtocols, StringComparer.Ordinal);

    private static void CopyAnswer(RuntimeConnection server, HttpResponse response)
    {
        response.StatusCode = server.Code;
        foreach (var (name, value) in server.Headers)
        {
            if (name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase) || IsPassedOn(name) || name.Equals(HeaderNames.SecWebSocketProtocol, StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.Append(name, value);
            }
        }
    }
}
