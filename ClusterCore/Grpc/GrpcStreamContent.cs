using System.Net;
using System.Net.Http.Headers;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>A request body that stays open: hands its stream to the call and ends when the call says so.</summary>
internal sealed class GrpcStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GrpcStreamContent() => Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

    public Task<Stream> Opened => opened.Task;

    public void Complete() => completed.TrySetResult();

    public void Fail(Exception exception)
    {
        _ = opened.TrySetException(exception);
        _ = opened.Task.Exception; // seen: nobody may be waiting to write
        _ = completed.TrySetResult();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Sends the headers before the first message is there.
        await stream.FlushAsync(cancellationToken);
        _ = opened.TrySetResult(stream);
        await completed.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
