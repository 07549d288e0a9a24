namespace Flotilla.ClusterCore.Grpc;

/// <param name="Service">The full name with its package, as in <c>runtime.v1.RuntimeService</c>.</param>
public sealed record GrpcMethod<TRequest, TResponse>(
    string Service, string Name, GrpcMarshaller<TRequest> Request, GrpcMarshaller<TResponse> Response)
{
    public string Path { get; } = $"/{Service}/{Name}";
}
