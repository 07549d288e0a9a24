using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Dns.Zone;

/// <summary>What an endpoint is called within its Service: its hostname, or its address with dashes.</summary>
internal static class EndpointName
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    public static string Of(Endpoint endpoint, string ip) => endpoint.Hostname is { Length: > 0 } hostname
        ? hostname.ToLowerInvariant()
        : ip.Replace('.', '-').Replace(':', '-');

    public static string? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.TryGetValue(ServiceNameLabel, out var name) ? name : null;

    public static bool IsReady(Endpoint endpoint) => endpoint.Conditions?.Ready ?? true;
}
