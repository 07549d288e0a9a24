using System.Net.WebSockets;
using System.Text;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>Exec and attach without a container: something is said, and it has succeeded.</summary>
internal static class SimulatedCommand
{
    private const byte Output = 1, Error = 3;
    private const string SpdyProtocol = "v4.channel.k8s.io";
    private const string Success = """{"metadata":{},"status":"Success"}""";
    private static readonly string[] SocketProtocols = [CommandSocket.Protocol, SpdyProtocol];

    public static async Task RunAsync(HttpContext context, CommandStreams wanted, string output)
    {
        if (UpgradedConnection.IsSpdy(context))
        {
            if (await UpgradedConnection.AcceptSpdyAsync(context, SpdyProtocol) is { } stream) { await AnswerAsync(stream, wanted, output, context.RequestAborted); }
            return;
        }

        if (UpgradedConnection.Offered(context).Intersect(SocketProtocols).FirstOrDefault() is not { } protocol)
        {
            await UpgradedConnection.RefuseAsync(context);
            return;
        }

        using var client = await ServerSocket.AcceptAsync(context, protocol);
        if (wanted.Stdout) { await SendAsync(client, Output, output, context.RequestAborted); }
        await SendAsync(client, Error, Success, context.RequestAborted);
        await ServerSocket.CloseAsync(client, hearing: null, context.RequestAborted);
    }

    /// <summary>When all streams are there they are written and ended; then the client ends the connection.</summary>
    private static async Task AnswerAsync(Stream stream, CommandStreams wanted, string output, CancellationToken cancellationToken)
    {
        using var spdy = new SpdyConnection(stream);
        var streams = new Dictionary<string, int>(StringComparer.Ordinal);
        bool[] has = [true, wanted.Stdin, wanted.Stdout, wanted.Stderr && !wanted.Tty, wanted.Tty];
        var missing = has.Count(one => one);
        while (await spdy.ReadAsync(cancellationToken) is { } frame)
        {
            if (frame.Type != SpdyFrameType.SynStream) { continue; }
            streams[(await spdy.AcceptAsync(frame, cancellationToken)).GetValueOrDefault("streamtype", "")] = frame.StreamId;
            if (--missing == 0)
            {
                await EndAsync("stdout", output);
                await EndAsync("stderr", "");
                await EndAsync("error", Success);
            }
        }

        async Task EndAsync(string type, string text)
        {
            if (streams.TryGetValue(type, out var id)) { await spdy.SendAsync(id, Encoding.UTF8.GetBytes(text), last: true, cancellationToken); }
        }
    }

    private static ValueTask SendAsync(WebSocket client, byte channel, string text, CancellationToken cancellationToken) =>
        client.SendAsync((ReadOnlyMemory<byte>)(byte[])[channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
}
