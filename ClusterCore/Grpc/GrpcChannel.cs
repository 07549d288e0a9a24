using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>A client of one gRPC server: HTTP/2 by prior knowledge, in clear text, over TLS or over a Unix socket.</summary>
/// <remarks>
/// Every call throws <see cref="GrpcException"/> for a status other than OK (an unreachable server is
/// <see cref="GrpcStatusCode.Unavailable"/>), and <see cref="OperationCanceledException"/> when its token is cancelled.
/// </remarks>
public sealed class GrpcChannel : IDisposable
{
    /// <summary>Answers of many megabytes come without waiting for the window to be raised.</summary>
    private const int WindowSize = 1024 * 1024;
    private readonly HttpMessageInvoker invoker;
    private readonly Uri address;
    private readonly GrpcChannelOptions options;

    private GrpcChannel(Uri address, SocketsHttpHandler handler, GrpcChannelOptions options)
    {
        this.address = address;
        this.options = options;
        invoker = new(handler, disposeHandler: true);
    }

    /// <param name="address"><c>http://host:port</c> or <c>https://host:port</c>.</param>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new();
        return new(address, Handler(options), options);
    }

    public static GrpcChannel ForUnixSocket(string path, GrpcChannelOptions? options = null)
    {
        options ??= new();
        var handler = Handler(options);
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return new(new("http://localhost"), handler, options);
    }

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken, GrpcCallOptions? call = null)
    {
        using var exchange = Exchange(method, call, cancellationToken);
        await exchange.SendAsync(invoker, new GrpcMessageContent<TRequest>(method.Request, request));
        var (found, response) = await exchange.ReadAsync();
        if (!found)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "the server answered OK without a message");
        }

        // The status comes in the trailers, after the message.
        return (await exchange.ReadAsync()).Found
            ? throw new GrpcException(GrpcStatusCode.Internal, "the server answered more than one message")
            : response!;
    }

    public async IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        TRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        GrpcCallOptions? call = null)
    {
        using var exchange = Exchange(method, call, cancellationToken);
        await exchange.SendAsync(invoker, new GrpcMessageContent<TRequest>(method.Request, request));
        while (await exchange.ReadAsync() is (true, var message))
        {
            yield return message!;
        }
    }

    /// <summary>Opens a call in which both sides stream; dispose it to end it early.</summary>
    public GrpcDuplexCall<TRequest, TResponse> Duplex<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, CancellationToken cancellationToken, GrpcCallOptions? call = null) =>
        new(Exchange(method, call, cancellationToken), invoker, method.Request);

    public void Dispose() => invoker.Dispose();

    private GrpcExchange<TResponse> Exchange<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions? call, CancellationToken cancellationToken) =>
        new(new(address, method.Path), method.Response, options, call, cancellationToken);

    private static SocketsHttpHandler Handler(GrpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = WindowSize,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Tls is not null)
        {
            handler.SslOptions = options.Tls;
        }

        return handler;
    }
}
