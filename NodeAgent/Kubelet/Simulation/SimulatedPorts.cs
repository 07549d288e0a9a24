using System.Net.WebSockets;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>Port-forward without a container: whoever says something to a port is given a page, and the end.</summary>
internal static class SimulatedPorts
{
    private const string SocketProtocol = "v4.channel.k8s.io";

    public static async Task RunAsync(HttpContext context, Pod pod)
    {
        var cancellationToken = context.RequestAborted;
        var offered = UpgradedConnection.Offered(context).ToList();
        if (UpgradedConnection.IsSpdy(context))
        {
            if (await UpgradedConnection.AcceptSpdyAsync(context, TunnelSocket.RuntimeProtocol) is { } stream) { await AnswerAsync(stream, pod, cancellationToken); }
        }
        else if (offered.Contains(TunnelSocket.Protocol))
        {
            using var client = await ServerSocket.AcceptAsync(context, TunnelSocket.Protocol);
            await using var messages = WebSocketStream.Create(client, WebSocketMessageType.Binary, ownsWebSocket: false);
            await AnswerAsync(messages, pod, cancellationToken);
        }
        else if (offered.Contains(SocketProtocol))
        {
            using var client = await ServerSocket.AcceptAsync(context, SocketProtocol);
            await AnswerAsync(client, pod, [.. context.Request.Query["port"].Select(port => ushort.TryParse(port, out var number) ? number : (ushort)0)], cancellationToken);
        }
        else
        {
            await UpgradedConnection.RefuseAsync(context);
        }
    }

    /// <summary>Each connection is a pair of streams: one for its data, and one for why there are none, on which nothing is said.</summary>
    private static async Task AnswerAsync(Stream stream, Pod pod, CancellationToken cancellationToken)
    {
        using var spdy = new SpdyConnection(stream);
        var ports = new Dictionary<int, string>();
        while (await spdy.ReadAsync(cancellationToken) is { } frame)
        {
            if (frame.Type == SpdyFrameType.SynStream)
            {
                var headers = await spdy.AcceptAsync(frame, cancellationToken);
                if (headers.GetValueOrDefault("streamtype") == "data")
                {
                    ports[frame.StreamId] = headers.GetValueOrDefault("port", "");
                }
                else
                {
                    await spdy.SendAsync(frame.StreamId, default, last: true, cancellationToken);
                }
            }
            else if (frame.Type == SpdyFrameType.Data && ports.Remove(frame.StreamId, out var port))
            {
                await spdy.SendAsync(frame.StreamId, Encoding.ASCII.GetBytes(SimulatedAnswers.Page(pod, port)), last: true, cancellationToken);
            }
        }
    }

    /// <summary>Of the port number N of those asked for, channel 2N carries data and 2N+1 errors; both begin with the port, its low byte first.</summary>
    private static async Task AnswerAsync(WebSocket client, Pod pod, ushort[] ports, CancellationToken cancellationToken)
    {
        for (var channel = 0; channel < 2 * ports.Length; channel++) { await SendAsync(channel, BitConverter.GetBytes(ports[channel / 2])); }
        var (buffer, unanswered) = (new byte[64 << 10], Enumerable.Range(0, ports.Length).Select(index => 2 * index).ToHashSet());
        while (unanswered.Count > 0 && await client.ReceiveAsync(buffer.AsMemory(), cancellationToken) is { MessageType: not WebSocketMessageType.Close } message)
        {
            if (message.Count > 0 && unanswered.Remove(buffer[0])) { await SendAsync(buffer[0], Encoding.ASCII.GetBytes(SimulatedAnswers.Page(pod, $"{ports[buffer[0] / 2]}"))); }
        }

        await ServerSocket.CloseAsync(client, hearing: null, cancellationToken);

        ValueTask SendAsync(int channel, byte[] content) =>
            client.SendAsync((ReadOnlyMemory<byte>)(byte[])[(byte)channel, .. content], WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
    }
}
