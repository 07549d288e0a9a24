using System.Net.WebSockets;
using System.Text;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Exec and port-forward as kubectl's WebSockets ask for them, into real containers.</summary>
public sealed class StreamTests(NodeFixture node)
{
    [Fact]
    public async Task Standard_input_can_end_alone()
    {
        await RunAsync("v5-stdin");
        using var socket = await node.WebSocketAsync("/exec/default/v5-stdin/main?command=cat&input=1&output=1", CommandSocket.Protocol);
        await SendAsync(socket, 0, "hello"u8);
        await SendAsync(socket, 255, [0]);
        var channels = await ReadAsync(socket);
        Assert.Equal("hello", channels[1]);
        Assert.Contains("\"status\":\"Success\"", channels[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commands_exit_code_and_both_outputs_arrive()
    {
        await RunAsync("v5-exit");
        using var socket = await node.WebSocketAsync("/exec/default/v5-exit/main?command=sh&command=-c&command=echo%20out;%20echo%20err%20>%262;%20exit%207&output=1&error=1", CommandSocket.Protocol);
        var channels = await ReadAsync(socket);
        Assert.Equal(("out\n", "err\n"), (channels[1], channels[2]));
        Assert.Contains("{\"reason\":\"ExitCode\",\"message\":\"7\"}", channels[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_takes_the_size_it_is_told()
    {
        await RunAsync("v5-tty");
        using var socket = await node.WebSocketAsync("/exec/default/v5-tty/main?command=sh&input=1&output=1&tty=1", CommandSocket.Protocol);
        await SendAsync(socket, 4, "{\"Width\":91,\"Height\":37}"u8);
        await SendAsync(socket, 0, "until [ \"$(stty size)\" = '37 91' ]; do sleep 0.1; done; echo size is $(stty size); exit\n"u8);
        Assert.Contains("size is 37 91", (await ReadAsync(socket))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_is_forwarded_through_a_tunnelled_connection()
    {
        await RunAsync("forwarded", "while :; do echo pong | nc -l -p 8080; done");
        await Eventually.TrueAsync(async () => await ForwardAsync("forwarded", 8080) == "pong\n", "the pod answers");
    }

    private async Task<string> ForwardAsync(string pod, int port)
    {
        using var socket = await node.WebSocketAsync($"/portForward/default/{pod}", TunnelSocket.Protocol);
        await using var messages = WebSocketStream.Create(socket, WebSocketMessageType.Binary);
        using var spdy = new SpdyConnection(messages);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var error = await spdy.OpenAsync([("streamtype", "error"), ("port", $"{port}"), ("requestid", "0")], limit.Token);
        await spdy.SendAsync(error, default, last: true, limit.Token);
        var data = await spdy.OpenAsync([("streamtype", "data"), ("port", $"{port}"), ("requestid", "0")], limit.Token);
        var received = new StringBuilder();
        while (await spdy.ReadAsync(limit.Token) is { } frame && !(frame.StreamId == data && frame.Last))
        {
            received.Append(frame.StreamId == data && frame.Type == SpdyFrameType.Data ? Encoding.UTF8.GetString(frame.Payload.Span) : "");
        }

        return received.ToString();
    }

    private async Task RunAsync(string name, string script = "sleep 1000")
    {
        node.Run(name, script);
        await node.PodAsync(name, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
    }

    private static Task SendAsync(WebSocket socket, byte channel, ReadOnlySpan<byte> content) =>
        socket.SendAsync((byte[])[channel, .. content], WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    /// <summary>Everything that comes until the other side closes, by channel.</summary>
    private static async Task<Dictionary<byte, string>> ReadAsync(WebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var channels = new Dictionary<byte, string>();
        var buffer = new byte[64 << 10];
        while (await socket.ReceiveAsync(buffer.AsMemory(), limit.Token) is { MessageType: WebSocketMessageType.Binary } message)
        {
            channels[buffer[0]] = channels.GetValueOrDefault(buffer[0], "") + Encoding.UTF8.GetString(buffer, 1, message.Count - 1);
        }

        return channels;
    }
}
