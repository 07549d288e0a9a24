using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>Serves gRPC methods from a Kestrel endpoint (which must speak HTTP/2).</summary>
/// <remarks>
/// A handler answers an error by throwing <see cref="GrpcException"/>; any other exception is a bug and reaches the
/// host's error handling (HTTP 500, which clients see as Unknown).
/// </remarks>
public static class GrpcEndpoints
{
    private const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    public static IEndpointConventionBuilder MapGrpcUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        GrpcUnaryHandler<TRequest, TResponse> handler,
        int maxReceiveMessageSize = DefaultMaxReceiveMessageSize) =>
        endpoints.Map(method, maxReceiveMessageSize, async (call, context) =>
        {
            var request = await call.ReadOneAsync(context.CancellationToken);
            await call.WriteAsync(await handler(request, context), context.CancellationToken);
        });

    public static IEndpointConventionBuilder MapGrpcServerStream<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        GrpcServerStreamHandler<TRequest, TResponse> handler,
        int maxReceiveMessageSize = DefaultMaxReceiveMessageSize) =>
        endpoints.Map(method, maxReceiveMessageSize, async (call, context) =>
            await handler(await call.ReadOneAsync(context.CancellationToken), call, context));

    public static IEndpointConventionBuilder MapGrpcDuplex<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        GrpcDuplexHandler<TRequest, TResponse> handler,
        int maxReceiveMessageSize = DefaultMaxReceiveMessageSize) =>
        endpoints.Map(method, maxReceiveMessageSize, async (call, context) =>
        {
            // A client may wait for the headers before its first request.
            await context.Http.Response.StartAsync(context.CancellationToken);
            await handler(call.ReadAllAsync(context.CancellationToken), call, context);
        });

    /// <summary>Answers UNIMPLEMENTED to gRPC calls no other endpoint knows.</summary>
    public static IEndpointConventionBuilder MapGrpcUnimplemented(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapFallback("{service}/{method}", context =>
        {
            if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            context.Response.ContentType = "application/grpc";
            GrpcAnswer.Finish(context, GrpcStatusCode.Unimplemented, $"unknown method {context.Request.Path}");
            return Task.CompletedTask;
        });

    private static IEndpointConventionBuilder Map<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        int maxReceiveMessageSize,
        Func<GrpcServerCall<TRequest, TResponse>, GrpcServerContext, Task> handler) =>
        endpoints.MapPost(method.Path, http =>
            new GrpcServerCall<TRequest, TResponse>(http, method, maxReceiveMessageSize).RunAsync(handler, TimeProvider.System));
}
