using System.Net.WebSockets;
using Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>Which streams an exec or attach has.</summary>
internal readonly record struct CommandStreams(bool Stdin, bool Stdout, bool Stderr, bool Tty);

/// <summary>
/// Exec and attach over WebSocket <c>v5.channel.k8s.io</c>: each message begins with its channel's number. The runtime speaks no
/// version that can end one stream alone, so the other side is SPDY/3.1 (<c>v4.channel.k8s.io</c>), one stream per channel.
/// Example: the message FF 00 says that standard input has ended; on the other side its stream gets an empty last frame.
/// </summary>
internal sealed class CommandSocket
{
    public const string Protocol = "v5.channel.k8s.io";
    private const string RuntimeProtocol = "v4.channel.k8s.io";
    private const byte CloseChannel = 255;
    private const int LongestMessage = 64 << 10;
    private static readonly string[] StreamTypes = ["stdin", "stdout", "stderr", "error", "resize"];

    private readonly WebSocket client;
    private readonly SpdyConnection runtime;
    private readonly Dictionary<byte, int> streams = [];

    private CommandSocket(WebSocket client, SpdyConnection runtime) => (this.client, this.runtime) = (client, runtime);

    public static async Task RunAsync(HttpContext context, Uri address, CommandStreams wanted)
    {
        var cancellationToken = context.RequestAborted;
        await using var connection = await RuntimeConnection.OpenSpdyAsync(address, RuntimeProtocol, cancellationToken);
        using var spdy = new SpdyConnection(new PrefixedStream(connection.Rest, connection.Stream));
        using var client = await ServerSocket.AcceptAsync(context, Protocol);
        await new CommandSocket(client, spdy).RunAsync(wanted, cancellationToken);
    }

    private async Task RunAsync(CommandStreams wanted, CancellationToken cancellationToken)
    {
        bool[] has = [wanted.Stdin, wanted.Stdout, wanted.Stderr && !wanted.Tty, true, wanted.Tty];
        // The error stream is the first, as every client opens it.
        foreach (var channel in (byte[])[3, 0, 1, 2, 4])
        {
            if (has[channel])
            {
                streams[channel] = await runtime.OpenAsync([("streamtype", StreamTypes[channel])], cancellationToken);
            }
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = UpAsync(ended.Token);
        var down = DownAsync(ended.Token);
        if (await Task.WhenAny(up, down) == down)
        {
            await ServerSocket.CloseAsync(client, up, cancellationToken);
        }

        await ended.CancelAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The client's messages, until it closes. Those that the runtime takes no more are passed over: its output has yet to end.</summary>
    private async Task UpAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestMessage];
        var (begin, taken) = (true, true);
        byte channel = 0;
        while (await client.ReceiveAsync(buffer.AsMemory(), cancellationToken) is { MessageType: not WebSocketMessageType.Close } received)
        {
            var content = buffer.AsMemory(0, received.Count);
            if (begin && content.Length > 0)
            {
                channel = content.Span[0];
                content = content[1..];
            }

            begin = received.EndOfMessage;
            try
            {
                if (taken) { await PassOnAsync(channel, content, cancellationToken); }
            }
            catch (IOException)
            {
                taken = false;
            }
        }
    }

    private async ValueTask PassOnAsync(byte channel, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (channel == CloseChannel && content.Length > 0 && streams.TryGetValue(content.Span[0], out var closing))
        {
            await runtime.SendAsync(closing, default, last: true, cancellationToken);
        }
        else if (content.Length > 0 && streams.TryGetValue(channel, out var stream))
        {
            await runtime.SendAsync(stream, content, last: false, cancellationToken);
        }
    }

    /// <summary>The runtime's output, until every stream of it has ended.</summary>
    private async Task DownAsync(CancellationToken cancellationToken)
    {
        var open = streams.Where(pair => pair.Key is 1 or 2 or 3).ToDictionary(pair => pair.Value, pair => pair.Key);
        while (open.Count > 0 && await runtime.ReadAsync(cancellationToken) is { } frame)
        {
            if (!open.TryGetValue(frame.StreamId, out var channel))
            {
                continue;
            }

            if (frame is { Type: SpdyFrameType.Data, Payload.Length: > 0 })
            {
                await client.SendAsync((ReadOnlyMemory<byte>)(byte[])[channel, .. frame.Payload.Span], WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }

            if (frame.Last || frame.Type == SpdyFrameType.RstStream)
            {
                open.Remove(frame.StreamId);
            }
        }
    }
}
