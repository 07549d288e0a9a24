using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.Grpc;

/// <param name="CancellationToken">Cancelled when the client goes away or its deadline passes.</param>
public sealed record GrpcServerContext(HttpContext Http, TimeSpan? Timeout, CancellationToken CancellationToken);

/// <summary>Where a handler puts its answers; one write at a time.</summary>
public interface IGrpcResponses<in TResponse>
{
    ValueTask WriteAsync(TResponse response, CancellationToken cancellationToken);
}

public delegate ValueTask<TResponse> GrpcUnaryHandler<in TRequest, TResponse>(TRequest request, GrpcServerContext context);

public delegate Task GrpcServerStreamHandler<in TRequest, TResponse>(
    TRequest request, IGrpcResponses<TResponse> responses, GrpcServerContext context);

public delegate Task GrpcDuplexHandler<TRequest, TResponse>(
    IAsyncEnumerable<TRequest> requests, IGrpcResponses<TResponse> responses, GrpcServerContext context);
