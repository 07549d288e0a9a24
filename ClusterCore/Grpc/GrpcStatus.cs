using System.Globalization;
using System.Net.Sockets;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>Where a status comes from: the header, or what HTTP or the transport said in its place.</summary>
internal static class GrpcStatus
{
    public static GrpcStatusCode Parse(string header) =>
        int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 16
            ? (GrpcStatusCode)number
            : GrpcStatusCode.Unknown;

    /// <summary>The table of gRPC's "HTTP to gRPC status code mapping".</summary>
    public static GrpcStatusCode FromHttp(int status) => status switch
    {
        400 => GrpcStatusCode.Internal,
        401 => GrpcStatusCode.Unauthenticated,
        403 => GrpcStatusCode.PermissionDenied,
        404 => GrpcStatusCode.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    public static GrpcException? FromTransport(Exception exception) => exception switch
    {
        HttpProtocolException protocol => new(FromHttp2(protocol.ErrorCode), protocol.Message, exception),
        HttpRequestException { InnerException: HttpProtocolException protocol } =>
            new(FromHttp2(protocol.ErrorCode), protocol.Message, exception),
        // A server that ends as it is connected to can make the HTTP client throw its socket's bare error.
        HttpRequestException or IOException or SocketException or OperationCanceledException or ObjectDisposedException =>
            new(GrpcStatusCode.Unavailable, exception.Message, exception),
        _ => null,
    };

    /// <summary>The table of gRPC over HTTP/2, "Errors": an RST_STREAM code stands for a status.</summary>
    private static GrpcStatusCode FromHttp2(long code) => code switch
    {
        0x7 => GrpcStatusCode.Unavailable,
        0x8 => GrpcStatusCode.Cancelled,
        0xb => GrpcStatusCode.ResourceExhausted,
        0xc => GrpcStatusCode.PermissionDenied,
        _ => GrpcStatusCode.Internal,
    };
}
