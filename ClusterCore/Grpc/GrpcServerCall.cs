using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>One call from the server's side, over one HTTP/2 exchange.</summary>
internal sealed class GrpcServerCall<TRequest, TResponse>(
    HttpContext http, GrpcMethod<TRequest, TResponse> method, int maxReceiveMessageSize) : IGrpcResponses<TResponse>
{
    /// <summary>Runs the handler under the client's deadline and answers its outcome in the trailers.</summary>
    public async Task RunAsync(Func<GrpcServerCall<TRequest, TResponse>, GrpcServerContext, Task> handler, TimeProvider clock)
    {
        if (!Accept())
        {
            return;
        }

        var timeout = GrpcTimeout.Parse(http.Request.Headers["grpc-timeout"]);
        using var deadline = timeout is { } span ? new CancellationTokenSource(span, clock) : new();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, deadline.Token);
        try
        {
            await handler(this, new(http, timeout, stop.Token));
            Finish(GrpcStatusCode.Ok, null);
        }
        catch (GrpcException exception)
        {
            Finish(exception.StatusCode, exception.Detail);
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            Finish(GrpcStatusCode.DeadlineExceeded, "context deadline exceeded");
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            Finish(GrpcStatusCode.Cancelled, "context canceled");
        }
    }

    public async ValueTask<TRequest> ReadOneAsync(CancellationToken cancellationToken)
    {
        var (found, request) = await ReadAsync(cancellationToken);
        return found ? request! : throw new GrpcException(GrpcStatusCode.Internal, "the request has no message");
    }

    public async IAsyncEnumerable<TRequest> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is (true, var request))
        {
            yield return request!;
        }
    }

    public async ValueTask WriteAsync(TResponse response, CancellationToken cancellationToken)
    {
        GrpcFrames.Write(method.Response, response, http.Response.BodyWriter);
        _ = await http.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private ValueTask<(bool Found, TRequest? Message)> ReadAsync(CancellationToken cancellationToken) =>
        GrpcFrames.ReadAsync(http.Request.BodyReader, method.Request, maxReceiveMessageSize, cancellationToken);

    private bool Accept()
    {
        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        // A stream may be silent for hours, and its messages have their own limit.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        http.Response.ContentType = "application/grpc";
        return true;
    }

    private void Finish(GrpcStatusCode code, string? message) => GrpcAnswer.Finish(http, code, message);
}
