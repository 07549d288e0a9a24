using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// One port-forwarded connection as a stream. Each message begins with its channel: 0 carries the bytes, 1 says what went wrong;
/// the first message of each channel is the port's number (two bytes) and no data.
/// </summary>
internal sealed class PodTunnel(WebSocket socket) : Stream
{
    public const string Protocol = "v4.channel.k8s.io";

    private const byte DataChannel = 0;
    private const int LargestWrite = 32 * 1024;
    private readonly byte[] received = new byte[LargestWrite + 1];
    private readonly bool[] hasPort = new bool[2];
    private ReadOnlyMemory<byte> unread;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (unread.Length == 0 && buffer.Length > 0)
        {
            if (!await ReceiveAsync(cancellationToken)) { return 0; }
        }

        var taken = unread[..Math.Min(unread.Length, buffer.Length)];
        taken.CopyTo(buffer);
        unread = unread[taken.Length..];
        return taken.Length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var part = buffer[..Math.Min(buffer.Length, LargestWrite)];
            await SendAsync(part, cancellationToken);
            buffer = buffer[part.Length..];
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Every write is a message of its own: there is nothing kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { socket.Dispose(); }
        base.Dispose(disposing);
    }

    /// <summary>One message into <see cref="unread"/>; false at the end.</summary>
    private async ValueTask<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            if (length == received.Length) { throw new IOException("a port-forward message is longer than agreed"); }
            part = await socket.ReceiveAsync(received.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close) { return false; }
            length += part.Count;
        }
        while (!part.EndOfMessage);
        Take(received.AsMemory(0, length));
        return true;
    }

    private void Take(ReadOnlyMemory<byte> message)
    {
        if (message.Length == 0 || message.Span[0] > 1) { return; }
        var (channel, payload) = (message.Span[0], message[1..]);
        if (!hasPort[channel]) { hasPort[channel] = true; }
        else if (channel == DataChannel) { unread = payload; }
        else if (payload.Length > 0) { throw new IOException(Encoding.UTF8.GetString(payload.Span)); }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        var message = ArrayPool<byte>.Shared.Rent(part.Length + 1);
        try
        {
            message[0] = DataChannel;
            part.CopyTo(message.AsMemory(1));
            await socket.SendAsync(message.AsMemory(0, part.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }
}
