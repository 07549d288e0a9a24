using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>For whom each endpoint is meant, where a service prefers what is near: by its <c>trafficDistribution</c> or by the older annotation.</summary>
internal static class TrafficHints
{
    private const string TopologyMode = "service.kubernetes.io/topology-mode";

    /// <summary>The older annotation wins over the field.</summary>
    public static bool AreByTopology(Service service) => service.Metadata.Annotations?.GetValueOrDefault(TopologyMode) is "Auto" or "auto";

    /// <summary>By the service's <c>trafficDistribution</c>.</summary>
    public static EndpointHints? For(Service service, string? node, string? zone)
    {
        var sameNode = service.Spec.TrafficDistribution == "PreferSameNode";
        if ((!sameNode && service.Spec.TrafficDistribution is not ("PreferClose" or "PreferSameZone")) || AreByTopology(service))
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

    /// <summary>Writes the hints that the annotation asks for; all that is ready has one, or nothing has.</summary>
    /// <returns>What to tell the service's owner: why there are none, or that there are now.</returns>
    public static (string Type, string Reason, string Message)? WriteByTopology(
        Service service, List<Endpoint> endpoints, ZoneShares shares, bool hadHints, string addressType)
    {
        if (!AreByTopology(service))
        {
            return null;
        }
        var ready = endpoints.FindAll(endpoint => endpoint.Conditions?.Ready == true);
        var plan = TopologyPlan.Compute(shares, ready.ConvertAll(endpoint => endpoint.Zone));
        for (var i = 0; i < ready.Count && plan.Zones is not null; i++)
        {
            ready[i].Hints = new() { ForZones = [new() { Name = plan.Zones[i] }] };
        }
        return plan.Problem is { } problem ? ("Warning", "TopologyAwareHintsDisabled", $"{problem}, addressType: {addressType}")
            : hadHints ? null
            : ("Normal", "TopologyAwareHintsEnabled", $"Topology Aware Hints has been enabled, addressType: {addressType}");
    }

    public static bool Same(EndpointHints? left, EndpointHints? right) =>
        (left?.ForZones ?? []).SequenceEqual(right?.ForZones ?? []) && (left?.ForNodes ?? []).SequenceEqual(right?.ForNodes ?? []);
}
