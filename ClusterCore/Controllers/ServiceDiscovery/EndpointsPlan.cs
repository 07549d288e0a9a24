using System.Net;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>The subsets of a service's <c>Endpoints</c>: addresses by the ports they offer, ready ones and others.</summary>
internal sealed record EndpointsPlan(EndpointSubset[] Subsets, bool OverCapacity)
{
    /// <summary>Addresses in one object; slices have no such bound.</summary>
    private const int Capacity = 1000;

    public static EndpointsPlan Compute(Service service, IEnumerable<Pod> pods)
    {
        var endpoints = PodEndpoint.Of(service, pods)
            .Where(endpoint => service.Spec.PublishNotReadyAddresses || !endpoint.Terminating)
            .OrderByDescending(endpoint => endpoint.Ready).ToArray();
        var groups = new List<(EndpointsPort[] Ports, List<PodEndpoint> Endpoints)>();
        foreach (var endpoint in endpoints.Take(Capacity))
        {
            var ports = Ports(service, endpoint.Pod);
            var group = groups.Find(known => known.Ports.SequenceEqual(ports));
            if (group.Endpoints is null)
            {
                groups.Add(group = (ports, []));
            }
            group.Endpoints.Add(endpoint);
        }
        var subsets = groups.Where(group => group.Ports.Length > 0 || service.Spec.ClusterIP == "None")
            .Select(group => Subset(service, group.Ports, group.Endpoints));
        return new([.. subsets], endpoints.Length > Capacity);
    }

    private static EndpointSubset Subset(Service service, EndpointsPort[] ports, List<PodEndpoint> endpoints) => new()
    {
        Addresses = Addresses(service, endpoints.Where(endpoint => endpoint.Ready)),
        NotReadyAddresses = Addresses(service, endpoints.Where(endpoint => !endpoint.Ready)),
        Ports = ports.Length == 0 ? null : ports,
    };

    private static EndpointAddress[]? Addresses(Service service, IEnumerable<PodEndpoint> endpoints)
    {
        var addresses = endpoints.Select(endpoint => new EndpointAddress
        {
            Ip = endpoint.Address,
            Hostname = endpoint.HostnameFor(service),
            NodeName = endpoint.Pod.Spec.NodeName,
            TargetRef = endpoint.Reference,
        });
        EndpointAddress[] sorted = [.. addresses.OrderBy(address => SortKey(address.Ip), StringComparer.Ordinal)];
        return sorted.Length == 0 ? null : sorted;
    }

    private static string SortKey(string ip) =>
        IPAddress.TryParse(ip, out var address) ? Convert.ToHexString(address.GetAddressBytes()) : ip;

    private static EndpointsPort[] Ports(Service service, Pod pod)
    {
        var ports = new List<EndpointsPort>();
        foreach (var port in service.Spec.Ports ?? [])
        {
            if (PortResolution.Find(pod, port) is { } number)
            {
                ports.Add(new() { Name = port.Name, Protocol = port.Protocol ?? "TCP", Port = number, AppProtocol = port.AppProtocol });
            }
        }
        return [.. ports.OrderBy(port => port.Name, StringComparer.Ordinal).ThenBy(port => port.Port)];
    }
}
