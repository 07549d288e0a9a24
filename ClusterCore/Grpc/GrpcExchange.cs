using System.IO.Pipelines;
using System.Net;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>One call from the client's side: request headers, the response's messages, its status, its deadline.</summary>
internal sealed class GrpcExchange<TResponse> : IDisposable
{
    private readonly Uri uri;
    private readonly GrpcMarshaller<TResponse> marshaller;
    private readonly GrpcChannelOptions options;
    private readonly GrpcCallOptions? call;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource? deadline;
    private readonly CancellationTokenSource stop;
    private HttpResponseMessage? response;
    private PipeReader? reader;

    public GrpcExchange(
        Uri uri,
        GrpcMarshaller<TResponse> marshaller,
        GrpcChannelOptions options,
        GrpcCallOptions? call,
        CancellationToken caller)
    {
        this.uri = uri;
        this.marshaller = marshaller;
        this.options = options;
        this.call = call;
        this.caller = caller;
        deadline = call?.Timeout is { } timeout ? new(timeout, options.Clock) : null;
        stop = CancellationTokenSource.CreateLinkedTokenSource(caller, deadline?.Token ?? CancellationToken.None);
    }

    public CancellationToken Stopped => stop.Token;

    public async Task SendAsync(HttpMessageInvoker invoker, HttpContent content)
    {
        using var request = Request(content);
        try
        {
            response = await invoker.SendAsync(request, stop.Token);
        }
        catch (Exception exception) when (Failure(exception) is not null)
        {
            throw Failure(exception)!;
        }

        if (Value("grpc-status") is null && (response.StatusCode != HttpStatusCode.OK || !IsGrpc))
        {
            throw new GrpcException(
                GrpcStatus.FromHttp((int)response.StatusCode), $"the server answered HTTP {(int)response.StatusCode} without a gRPC status");
        }
    }

    /// <summary>The next message; at the end of the stream false, or the status thrown if it is not OK.</summary>
    public async ValueTask<(bool Found, TResponse? Message)> ReadAsync()
    {
        try
        {
            reader ??= PipeReader.Create(
                await response!.Content.ReadAsStreamAsync(stop.Token), new StreamPipeReaderOptions(bufferSize: 16 * 1024));
            var next = await GrpcFrames.ReadAsync(reader, marshaller, options.MaxReceiveMessageSize, stop.Token);
            if (!next.Found)
            {
                ThrowUnlessOk();
            }

            return next;
        }
        catch (Exception exception) when (Failure(exception) is not null)
        {
            throw Failure(exception)!;
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        reader?.Complete();
        response?.Dispose();
        stop.Dispose();
        deadline?.Dispose();
    }

    private bool IsGrpc =>
        response!.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    private HttpRequestMessage Request(HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        _ = request.Headers.TryAddWithoutValidation("te", "trailers");
        if (call?.Timeout is { } timeout)
        {
            _ = request.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        }

        foreach (var (name, value) in call?.Metadata ?? new Dictionary<string, string>())
        {
            _ = request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private void ThrowUnlessOk()
    {
        var status = Value("grpc-status")
            ?? throw new GrpcException(GrpcStatusCode.Internal, "the stream ended without a status");
        var code = GrpcStatus.Parse(status);
        if (code != GrpcStatusCode.Ok)
        {
            throw new GrpcException(code, GrpcMessageText.Decode(Value("grpc-message") ?? ""));
        }
    }

    /// <summary>A trailer; or a header, for an answer of headers only.</summary>
    private string? Value(string name) =>
        response!.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values)
            ? values.FirstOrDefault()
            : null;

    /// <returns>What to throw in its place, or null to let it pass.</returns>
    private Exception? Failure(Exception exception) => exception switch
    {
        GrpcException => null,
        _ when caller.IsCancellationRequested => exception is OperationCanceledException
            ? null
            : new OperationCanceledException("the call was cancelled", exception, caller),
        _ when deadline is { IsCancellationRequested: true } =>
            new GrpcException(GrpcStatusCode.DeadlineExceeded, $"no answer within {call!.Timeout}", exception),
        _ => GrpcStatus.FromTransport(exception),
    };
}
