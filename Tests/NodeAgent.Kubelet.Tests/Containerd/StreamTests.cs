using System.Net.WebSockets;
using System.Text;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>
/// Exec, attach and port-forward into real containers, as kubectl's WebSockets ask for them, and as clients do that know only the older
/// <c>v4.channel.k8s.io</c>, which cannot end one stream alone. SPDY is kubectl's own in NodeAgent.Host.Tests.
/// </summary>
public sealed class StreamTests(NodeFixture node)
{
    private const string Older = "v4.channel.k8s.io";

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

    /// <summary>A connection that ended with something of the client's unread would be reset, and what the client has yet to read be lost.</summary>
    [Fact]
    public async Task Everything_said_arrives_at_a_client_that_reads_slowly_and_still_speaks()
    {
        await RunAsync("v5-slow");
        using var socket = await node.WebSocketAsync("/exec/default/v5-slow/main?command=head&command=-c&command=2000000&command=/dev/zero&input=1&output=1", CommandSocket.Protocol);
        using var stop = new CancellationTokenSource();
        var speaking = SpeakAsync();
        await Task.WhenAny(speaking, Task.Delay(TimeSpan.FromSeconds(1)));
        Assert.Equal(2_000_000, (await ReadAsync(socket))[1].Length);
        await stop.CancelAsync();
        await speaking;

        async Task SpeakAsync()
        {
            while (!stop.IsCancellationRequested && socket.State == WebSocketState.Open)
            {
                await SendAsync(socket, 0, "more"u8);
                await Task.Delay(5);
            }
        }
    }

    [Theory, InlineData("v5-exit", CommandSocket.Protocol), InlineData("v4-exit", Older)]
    public async Task A_commands_exit_code_and_both_outputs_arrive(string pod, string protocol)
    {
        await RunAsync(pod);
        using var socket = await node.WebSocketAsync($"/exec/default/{pod}/main?command=sh&command=-c&command=echo%20out;%20echo%20err%20>%262;%20exit%207&output=1&error=1", protocol);
        var channels = await ReadAsync(socket);
        Assert.Equal(("out\n", "err\n"), (channels[1], channels[2]));
        Assert.Contains("{\"reason\":\"ExitCode\",\"message\":\"7\"}", channels[3], StringComparison.Ordinal);
    }

    [Theory, InlineData("v5-tty", CommandSocket.Protocol), InlineData("v4-tty", Older)]
    public async Task A_terminal_takes_the_size_it_is_told(string pod, string protocol)
    {
        await RunAsync(pod);
        using var socket = await node.WebSocketAsync($"/exec/default/{pod}/main?command=sh&input=1&output=1&tty=1", protocol);
        await SendAsync(socket, 4, "{\"Width\":91,\"Height\":37}"u8);
        await SendAsync(socket, 0, "until [ \"$(stty size)\" = '37 91' ]; do sleep 0.1; done; echo size is $(stty size); exit\n"u8);
        Assert.Contains("size is 37 91", (await ReadAsync(socket))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_attaches_speaks_to_the_first_process_and_hears_it()
    {
        node.Run("attached", "while read line; do echo \"heard $line\"; echo \"and $line\" >&2; done; echo silence", pod =>
            (pod.Spec.Containers![0].Stdin, pod.Spec.Containers[0].StdinOnce, pod.Spec.RestartPolicy) = (true, true, "Never"));
        await node.PodAsync("attached", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        using var socket = await node.WebSocketAsync("/attach/default/attached/main?input=1&output=1&error=1", CommandSocket.Protocol);
        await SendAsync(socket, 0, "hello\n"u8);
        await SendAsync(socket, 255, [0]);
        var channels = await ReadAsync(socket);
        Assert.Equal(("heard hello\nsilence\n", "and hello\n"), (channels[1], channels[2]));
        await node.PodAsync("attached", pod => pod.Status.Phase == "Succeeded", "ended with its input");
        Assert.Contains("heard hello\n", await node.LogAsync("attached"), StringComparison.Ordinal);
    }

    [Theory, InlineData("v5-console", CommandSocket.Protocol), InlineData("v4-console", Older)]
    public async Task An_attached_terminal_takes_the_size_it_is_told(string pod, string protocol)
    {
        node.Run(pod, "while read line; do [ \"$line\" = size ] && echo is $(stty size); done", made => (made.Spec.Containers![0].Stdin, made.Spec.Containers[0].Tty) = (true, true));
        await node.PodAsync(pod, found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        using var socket = await node.WebSocketAsync($"/attach/default/{pod}/main?input=1&output=1&tty=1", protocol);
        await SendAsync(socket, 4, "{\"Width\":91,\"Height\":37}"u8);
        await Eventually.TrueAsync(
            async () =>
            {
                await SendAsync(socket, 0, "size\n"u8);
                return (await node.LogAsync(pod)).Contains("is 37 91", StringComparison.Ordinal);
            },
            "its size");
        Assert.Contains("is 37 91", await ReadUntilAsync(socket, "is 37 91"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_no_input_can_still_be_listened_to()
    {
        await RunAsync("speaks", "while :; do echo tick; sleep 0.1; done");
        using var socket = await node.WebSocketAsync("/attach/default/speaks/main?output=1", CommandSocket.Protocol);
        Assert.Contains("tick\n", await ReadUntilAsync(socket, "tick\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_is_forwarded_through_a_tunnelled_connection()
    {
        await RunAsync("forwarded", "while :; do echo pong | nc -l -p 8080; done");
        await Eventually.TrueAsync(async () => await ForwardAsync("forwarded", 8080) == "pong\n", "the pod answers");
    }

    /// <summary>Channel 0 is the first port's data and 1 its errors; each begins with the port.</summary>
    [Fact]
    public async Task A_port_is_forwarded_to_who_knows_only_the_older_protocol()
    {
        await RunAsync("v4-forwarded", "while :; do echo pong | nc -l -p 8080; done");
        await Eventually.TrueAsync(
            async () =>
            {
                using var socket = await node.WebSocketAsync("/portForward/default/v4-forwarded?port=8080", Older);
                return await ReadUntilAsync(socket, "pong\n") == "\u0090\u001f\u0090\u001fpong\n";
            },
            "the pod answers");
    }

    private async Task<string> ForwardAsync(string pod, int port)
    {
        using var socket = await node.WebSocketAsync($"/portForward/default/{pod}", TunnelSocket.Protocol);
        await using var messages = WebSocketStream.Create(socket, WebSocketMessageType.Binary);
        using var spdy = new SpdyConnection(messages);
        using var limit = new CancellationTokenSource(Eventually.Limit);
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

    private static async Task<string> ReadUntilAsync(WebSocket socket, string text)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var (heard, buffer) = (new StringBuilder(), new byte[64 << 10]);
        while (!heard.ToString().Contains(text, StringComparison.Ordinal) && await socket.ReceiveAsync(buffer.AsMemory(), limit.Token) is { MessageType: WebSocketMessageType.Binary } message)
        {
            heard.Append(Encoding.Latin1.GetString(buffer, 1, message.Count - 1));
        }

        return heard.ToString();
    }

    /// <summary>Everything that comes until the other side closes, by channel.</summary>
    private static async Task<Dictionary<byte, string>> ReadAsync(WebSocket socket)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var channels = new Dictionary<byte, string>();
        var buffer = new byte[64 << 10];
        while (await socket.ReceiveAsync(buffer.AsMemory(), limit.Token) is { MessageType: WebSocketMessageType.Binary } message)
        {
            channels[buffer[0]] = channels.GetValueOrDefault(buffer[0], "") + Encoding.UTF8.GetString(buffer, 1, message.Count - 1);
        }

        return channels;
    }
}
