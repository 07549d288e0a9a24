namespace Flotilla.ClusterCore.Grpc;

/// <summary>A call that ended with a status other than OK; a server handler throws it to answer one.</summary>
public sealed class GrpcException(GrpcStatusCode statusCode, string detail, Exception? innerException = null)
    : Exception($"{statusCode}: {detail}", innerException)
{
    public GrpcStatusCode StatusCode { get; } = statusCode;

    /// <summary>The text of <c>grpc-message</c>, decoded.</summary>
    public string Detail { get; } = detail;
}
