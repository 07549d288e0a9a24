using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>One connection to the runtime's streaming server, after its answer to the upgrade that was asked of it.</summary>
internal sealed class RuntimeConnection : IAsyncDisposable
{
    private const int LongestHead = 16 << 10;

    private readonly TcpClient socket;
    private readonly ReadOnlyMemory<byte> rest;

    private RuntimeConnection(TcpClient socket, int code, IReadOnlyList<(string Name, string Value)> headers, ReadOnlyMemory<byte> rest)
    {
        (this.socket, Code, Headers, this.rest) = (socket, code, headers, rest);
        Stream = socket.GetStream();
    }

    public int Code { get; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; }

    public bool Upgraded => Code == StatusCodes.Status101SwitchingProtocols;

    public NetworkStream Stream { get; }

    /// <summary>What came with the head already: to be taken before <see cref="Stream"/> is read.</summary>
    public ReadOnlyMemory<byte> Rest => rest;

    public static async Task<RuntimeConnection> OpenAsync(
        Uri address, string method, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        var socket = new TcpClient { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
            var head = new StringBuilder($"{method} {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nContent-Length: 0\r\n");
            foreach (var (name, value) in headers)
            {
                head.Append($"{name}: {value}\r\n");
            }

            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), cancellationToken);
            return await ReadHeadAsync(socket, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A SPDY/3.1 connection, of which the sub-protocol is what its streams are for.</summary>
    /// <exception cref="IOException">The runtime refused, and why.</exception>
    public static async Task<RuntimeConnection> OpenSpdyAsync(Uri address, string protocol, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(address, "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", protocol)], cancellationToken);
        if (connection.Upgraded)
        {
            return connection;
        }

        await connection.DisposeAsync();
        throw new IOException($"the runtime's streaming server answered {connection.Code}: {Encoding.UTF8.GetString(connection.Rest.Span)}");
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<RuntimeConnection> ReadHeadAsync(TcpClient socket, CancellationToken cancellationToken)
    {
        var stream = socket.GetStream();
        var buffer = new byte[LongestHead];
        var length = 0;
        while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                var lines = Encoding.ASCII.GetString(buffer, 0, end).Split("\r\n");
                var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts.Length > 1 ? parts[1].Trim() : ""));
                return new(socket, int.Parse(lines[0].Split(' ')[1]), [.. headers], buffer.AsMemory((end + 4)..length));
            }
        }

        throw new IOException("the runtime's streaming server gave no answer");
    }
}
