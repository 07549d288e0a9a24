using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Local;

#pragma warning disable CA1001 // A cancellation source without a timer holds nothing, and may be asked for after the end.
/// <summary>An answer on its way from the pipeline to a client in this process: what is flushed at one end is read at the other.</summary>
internal sealed class LocalResponse : HttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
#pragma warning restore CA1001
{
    private readonly Pipe pipe = new();
    private readonly CancellationTokenSource aborted = new();
    private readonly TaskCompletionSource<HttpResponseMessage> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StartingWriter writer;

    public LocalResponse()
    {
        writer = new(pipe.Writer, Begin);
        RequestAborted = aborted.Token;
    }

    /// <summary>Done when the status and the headers are final: with the first flush.</summary>
    public Task<HttpResponseMessage> Begun => begun.Task;

    public CancellationToken RequestAborted { get; set; }

    public override bool HasStarted => begun.Task.IsCompleted;

    public PipeWriter Writer => writer;

    public Stream Stream => writer.AsStream(leaveOpen: true);

    public void Abort()
    {
        aborted.Cancel();
        begun.TrySetCanceled();
    }

    public async Task CompleteAsync()
    {
        Begin();
        await pipe.Writer.CompleteAsync(aborted.IsCancellationRequested ? new IOException("The request was aborted.") : null);
    }

    public void DisableBuffering()
    {
        // Nothing is held back: a flush is read at once.
    }

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Begin();
        return Task.CompletedTask;
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The API server serves no files.");

    private void Begin()
    {
        if (HasStarted) { return; }
        var response = new Answer((HttpStatusCode)StatusCode, Abort) { Content = new StreamContent(pipe.Reader.AsStream()) };
        foreach (var (name, values) in Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) { response.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable()); }
        }

        begun.TrySetResult(response);
    }

    /// <summary>Begins the answer before its first bytes leave.</summary>
    private sealed class StartingWriter(PipeWriter inner, Action begin) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            begin();
            return inner.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Who lets go of an answer before its end ends the request.</summary>
    private sealed class Answer(HttpStatusCode code, Action abort) : HttpResponseMessage(code)
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing) { abort(); }
            base.Dispose(disposing);
        }
    }
}
