namespace Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;

/// <summary>
/// A SPDY/3.1 connection: of the runtime's server, where streams are opened here, or of a client that opens them. Kubernetes' programs ignore
/// windows, so none is kept.
/// </summary>
internal sealed class SpdyConnection(Stream stream) : IDisposable
{
    private readonly SemaphoreSlim writing = new(1);
    private readonly SpdyHeaderReader headers = new();
    private int nextId = 1;
    private bool replied;

    /// <returns>The new stream's number: odd, as for all that a client opens.</returns>
    public async Task<int> OpenAsync(IReadOnlyCollection<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        var id = nextId;
        nextId += 2;
        await WriteAsync(SpdyFrames.SynStream(id, headers, first: id == 1), cancellationToken);
        return id;
    }

    /// <summary>Accepts a stream that the other side opens.</summary>
    /// <returns>What it says of the stream.</returns>
    public async Task<IReadOnlyDictionary<string, string>> AcceptAsync(SpdyFrame opening, CancellationToken cancellationToken)
    {
        var said = headers.Read(SpdyFrames.HeadersOf(opening).Span);
        await WriteAsync(SpdyFrames.SynReply(opening.StreamId, first: !replied), cancellationToken);
        replied = true;
        return said;
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
                case SpdyFrameType.Data or SpdyFrameType.SynStream or SpdyFrameType.SynReply or SpdyFrameType.RstStream:
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

    public void Dispose()
    {
        writing.Dispose();
        headers.Dispose();
    }

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
