namespace Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;

/// <summary>The side of a SPDY/3.1 connection that opens streams. The runtime's server opens none and ignores windows, so neither is kept.</summary>
internal sealed class SpdyConnection(Stream stream) : IDisposable
{
    private readonly SemaphoreSlim writing = new(1);
    private int nextId = 1;

    /// <returns>The new stream's number: odd, as for all that a client opens.</returns>
    public async Task<int> OpenAsync(IReadOnlyCollection<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        var id = nextId;
        nextId += 2;
        await WriteAsync(SpdyFrames.SynStream(id, headers, first: id == 1), cancellationToken);
        return id;
    }

    public Task SendAsync(int streamId, ReadOnlyMemory<byte> content, bool last, CancellationToken cancellationToken) =>
        WriteAsync(SpdyFrames.Data(streamId, content.Span, last), cancellationToken);

    /// <summary>Frames that tell of a stream; the connection's own are answered here.</summary>
    /// <returns>Null at the end of the connection.</returns>
    public async Task<SpdyFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await SpdyFrames.ReadAsync(stream, cancellationToken) is { } frame)
        {
            switch (frame.Type)
            {
                case SpdyFrameType.Data or SpdyFrameType.SynReply or SpdyFrameType.RstStream:
                    return frame;
                case SpdyFrameType.Ping:
                    await WriteAsync(SpdyFrames.Ping(frame.Payload.Span), cancellationToken);
                    break;
                case SpdyFrameType.GoAway:
                    return null;
                default:
                    break;
            }
        }

        return null;
    }

    public void Dispose() => writing.Dispose();

    private async Task WriteAsync(byte[] frame, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(frame, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }
}
