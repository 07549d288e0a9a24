using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Services;

internal readonly record struct EndpointAddress(string Ip, int Port, bool Local)
{
    public override string ToString() => $"{Ip}:{Port}";
}

/// <summary>The endpoints that traffic to one port of a Service may go to.</summary>
/// <param name="Cluster">On any node; those near to this one where the Service wants it so and there are any.</param>
/// <param name="Local">On this node.</param>
internal sealed record EndpointSelection(IReadOnlyList<EndpointAddress> Cluster, IReadOnlyList<EndpointAddress> Local)
{
    /// <summary>Ready endpoints; where there is none, those that still serve while they terminate.</summary>
    public static EndpointSelection Of(ServicePort port, IEnumerable<EndpointSlice> slices, ProxyNode node)
    {
        var (ready, draining) = (new SortedDictionary<string, Candidate>(StringComparer.Ordinal), new SortedDictionary<string, Candidate>(StringComparer.Ordinal));
        foreach (var slice in slices)
        {
            if (slice.AddressType != "IPv4" || PortOf(slice, port) is not { } number) { continue; }
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                if (endpoint.Addresses is not [var ip, ..]) { continue; }
                var candidate = new Candidate(new(ip, number, endpoint.NodeName == node.Name), endpoint.Hints);
                if (IsReady(endpoint)) { ready[candidate.Address.ToString()] = candidate; }
                else if (IsDraining(endpoint)) { draining[candidate.Address.ToString()] = candidate; }
            }
        }
        var near = Near(ready.Values, node);
        return new(Choose(ready, draining, near), Choose(ready, draining, candidate => candidate.Address.Local));
    }

    /// <summary>Hints count only when every endpoint has them and one is meant for here: else some of the traffic would have nowhere to go.</summary>
    private static Func<Candidate, bool> Near(IReadOnlyCollection<Candidate> ready, ProxyNode node)
    {
        foreach (var isFor in (Func<Candidate, bool?>[])[candidate => candidate.IsForNode(node.Name), candidate => candidate.IsForZone(node.Zone)])
        {
            if (ready.All(candidate => isFor(candidate) is not null) && ready.Any(candidate => isFor(candidate) == true))
            {
                return candidate => isFor(candidate) != false;
            }
        }
        return _ => true;
    }

    private static EndpointAddress[] Choose(
        SortedDictionary<string, Candidate> ready, SortedDictionary<string, Candidate> draining, Func<Candidate, bool> wanted)
    {
        EndpointAddress[] chosen = [.. ready.Values.Where(wanted).Select(candidate => candidate.Address)];
        return chosen.Length > 0 ? chosen : [.. draining.Values.Where(wanted).Select(candidate => candidate.Address)];
    }

    private static int? PortOf(EndpointSlice slice, ServicePort port) =>
        (slice.Ports ?? []).FirstOrDefault(one => (one.Name ?? "") == (port.Name ?? "") && (one.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port;

    private static bool IsReady(Endpoint endpoint) => endpoint.Conditions?.Ready ?? true;

    private static bool IsDraining(Endpoint endpoint) =>
        endpoint.Conditions is { Terminating: true } conditions && (conditions.Serving ?? conditions.Ready ?? true);

    private readonly record struct Candidate(EndpointAddress Address, EndpointHints? Hints)
    {
        /// <returns>Null when it has no hint of the kind.</returns>
        public bool? IsForNode(string name) => Hints?.ForNodes is { Length: > 0 } nodes ? nodes.Any(node => node.Name == name) : null;

        public bool? IsForZone(string? name) => Hints?.ForZones is { Length: > 0 } zones ? zones.Any(zone => zone.Name == name) : null;
    }
}
