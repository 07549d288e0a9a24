using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Services;

internal readonly record struct EndpointAddress(string Ip, int Port, bool Local)
{
    public override string ToString() => $"{Ip}:{Port}";
}

/// <summary>The endpoints that traffic to one port of a Service may go to.</summary>
/// <param name="Cluster">On any node.</param>
/// <param name="Local">On this node.</param>
internal sealed record EndpointSelection(IReadOnlyList<EndpointAddress> Cluster, IReadOnlyList<EndpointAddress> Local)
{
    /// <summary>Ready endpoints; where there is none, those that still serve while they terminate.</summary>
    public static EndpointSelection Of(ServicePort port, IEnumerable<EndpointSlice> slices, string nodeName)
    {
        var (ready, draining) = (new SortedDictionary<string, EndpointAddress>(StringComparer.Ordinal), new SortedDictionary<string, EndpointAddress>(StringComparer.Ordinal));
        foreach (var slice in slices)
        {
            if (slice.AddressType != "IPv4" || PortOf(slice, port) is not { } number) { continue; }
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                if (endpoint.Addresses is not [var ip, ..]) { continue; }
                var address = new EndpointAddress(ip, number, endpoint.NodeName == nodeName);
                if (IsReady(endpoint)) { ready[address.ToString()] = address; }
                else if (IsDraining(endpoint)) { draining[address.ToString()] = address; }
            }
        }
        return new(Choose(ready, draining, _ => true), Choose(ready, draining, address => address.Local));
    }

    private static EndpointAddress[] Choose(
        SortedDictionary<string, EndpointAddress> ready, SortedDictionary<string, EndpointAddress> draining, Func<EndpointAddress, bool> wanted)
    {
        EndpointAddress[] chosen = [.. ready.Values.Where(wanted)];
        return chosen.Length > 0 ? chosen : [.. draining.Values.Where(wanted)];
    }

    private static int? PortOf(EndpointSlice slice, ServicePort port) =>
        (slice.Ports ?? []).FirstOrDefault(one => (one.Name ?? "") == (port.Name ?? "") && (one.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port;

    private static bool IsReady(Endpoint endpoint) => endpoint.Conditions?.Ready ?? true;

    private static bool IsDraining(Endpoint endpoint) =>
        endpoint.Conditions is { Terminating: true } conditions && (conditions.Serving ?? conditions.Ready ?? true);
}
