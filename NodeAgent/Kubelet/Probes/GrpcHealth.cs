using System.Buffers;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Grpc;

namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <summary>The standard gRPC health check: <c>grpc.health.v1.Health/Check</c>, service name in, serving status out.</summary>
internal static class GrpcHealth
{
    private const int Serving = 1;
    private static readonly string[] Statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    private static readonly GrpcMethod<string, int> Check =
        new("grpc.health.v1.Health", nameof(Check), new(SizeOfService, WriteService, static _ => ""), new(static _ => 0, static (_, _) => { }, ReadStatus));

    public static async Task<ProbeResult> CheckAsync(string host, GRPCAction action, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(new Uri($"http://{(host.Contains(':') ? $"[{host}]" : host)}:{action.Port}"));
        try
        {
            var status = await channel.UnaryAsync(Check, action.Service ?? "", cancellationToken);
            return status == Serving ? ProbeResult.Passed : ProbeResult.Failed($"service unhealthy (responded with \"{Statuses.ElementAtOrDefault(status) ?? $"{status}"}\")");
        }
        catch (GrpcException exception)
        {
            return ProbeResult.Failed(exception.StatusCode switch
            {
                GrpcStatusCode.Unimplemented => $"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {exception.Detail}",
                GrpcStatusCode.Unavailable => $"error: failed to connect service at \"{host}:{action.Port}\": {exception.Detail}",
                _ => $"error: health rpc probe failed: rpc error: code = {exception.StatusCode} desc = {exception.Detail}",
            });
        }
    }

    private static int SizeOfService(string service) => service.Length == 0 ? 0 : 2 + Math.Min(Encoding.UTF8.GetByteCount(service), 127);

    /// <summary>HealthCheckRequest: field 1, the service's name.</summary>
    private static void WriteService(string service, IBufferWriter<byte> output)
    {
        if (service.Length == 0)
        {
            return;
        }

        var name = Encoding.UTF8.GetBytes(service);
        output.Write<byte>([(1 << 3) | 2, (byte)Math.Min(name.Length, 127)]);
        output.Write(name.AsSpan(0, Math.Min(name.Length, 127)));
    }

    /// <summary>HealthCheckResponse: field 1, the status; absent for UNKNOWN.</summary>
    private static int ReadStatus(ReadOnlySequence<byte> message)
    {
        var bytes = message.ToArray();
        return bytes is [1 << 3, var status, ..] ? status : 0;
    }
}
