namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>One connection from a node, which ends when whoever uses it disposes of it.</summary>
internal sealed class NodeTunnel(Stream inner) : Stream
{
    /// <summary>Sent to say that a conversation begins, and sent back by a node that is still there.</summary>
    private const byte Hello = 1;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Ended => ended.Task;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>False for a node that has gone without saying so.</summary>
    public async ValueTask<bool> WakeAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var answer = new byte[1];
            await inner.WriteAsync((byte[])[Hello], limit.Token);
            await inner.FlushAsync(limit.Token);
            return await inner.ReadAsync(answer, limit.Token) == 1 && answer[0] == Hello;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        await inner.FlushAsync(cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException("writing is asynchronous");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("reading is asynchronous");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("writing is asynchronous");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        ended.TrySetResult();
        base.Dispose(disposing);
    }
}
