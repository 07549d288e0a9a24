using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>For whom an endpoint is meant, where a service's <c>trafficDistribution</c> prefers what is near.</summary>
internal static class TrafficHints
{
    private const string TopologyMode = "service.kubernetes.io/topology-mode";

    public static EndpointHints? For(Service service, string? node, string? zone)
    {
        var sameNode = service.Spec.TrafficDistribution == "PreferSameNode";
        if ((!sameNode && service.Spec.TrafficDistribution is not ("PreferClose" or "PreferSameZone")) || IsLeftToTopology(service))
        {
            return null;
        }
        var hints = new EndpointHints
        {
            ForZones = string.IsNullOrEmpty(zone) ? null : [new() { Name = zone }],
            ForNodes = sameNode && !string.IsNullOrEmpty(node) ? [new() { Name = node }] : null,
        };
        return hints is { ForZones: null, ForNodes: null } ? null : hints;
    }

    public static bool Same(EndpointHints? left, EndpointHints? right) =>
        (left?.ForZones ?? []).SequenceEqual(right?.ForZones ?? []) && (left?.ForNodes ?? []).SequenceEqual(right?.ForNodes ?? []);

    /// <summary>The older annotation wins over the field.</summary>
    private static bool IsLeftToTopology(Service service) =>
        service.Metadata.Annotations?.GetValueOrDefault(TopologyMode) is "Auto" or "auto";
}
