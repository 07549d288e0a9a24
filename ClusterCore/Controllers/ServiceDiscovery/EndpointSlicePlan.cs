using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>The slices of a service brought up to date with few writes: what is right stays where it is.</summary>
internal sealed record EndpointSlicePlan(
    IReadOnlyList<EndpointSlice> Create, IReadOnlyList<EndpointSlice> Update, IReadOnlyList<EndpointSlice> Delete)
{
    internal const int MaxEndpoints = 100;

    /// <summary>What to tell the service's owner of where traffic is led.</summary>
    public (string Type, string Reason, string Message)? Event { get; init; }

    /// <param name="zoneOf">Of a node.</param>
    /// <param name="shares">Of the zones, where the service asks for hints by them.</param>
    public static EndpointSlicePlan Compute(
        Service service, IEnumerable<Pod> pods, IReadOnlyList<EndpointSlice> slices, Func<string, string?>? zoneOf = null, ZoneShares? shares = null)
    {
        List<EndpointSlice> create = [], update = [], delete = [];
        var addressType = service.Spec.ClusterIP?.Contains(':', StringComparison.Ordinal) == true
            || service.Spec.IpFamilies is ["IPv6", ..] ? "IPv6" : "IPv4";
        var wanted = Wanted(service, pods, zoneOf);
        var present = slices.Where(slice => slice.Metadata.DeletionTimestamp is null).ToList();
        var hadHints = present.Exists(slice => Array.Exists(slice.Endpoints ?? [], endpoint => endpoint.Hints is not null));
        var told = TrafficHints.WriteByTopology(service, [.. wanted.SelectMany(group => group.Endpoints)], shares ?? ZoneShares.Compute([]), hadHints, addressType);
        foreach (var group in wanted)
        {
            var own = present.FindAll(slice => slice.AddressType == addressType && SamePorts(slice.Ports, group.Ports));
            present.RemoveAll(own.Contains);
            Fill(service, addressType, group, own, create, update, delete);
        }
        delete.AddRange(present);
        return new(create, update, delete) { Event = told };
    }

    /// <summary>Endpoints by the ports they offer; with no pod at all one empty group, so that a slice says there is nothing.</summary>
    private static List<PortGroup> Wanted(Service service, IEnumerable<Pod> pods, Func<string, string?>? zoneOf)
    {
        var groups = new List<PortGroup>();
        foreach (var endpoint in PodEndpoint.Of(service, pods).OrderBy(found => found.Pod.Metadata.Name, StringComparer.Ordinal))
        {
            var ports = Ports(service, endpoint.Pod);
            var group = groups.Find(known => SamePorts(known.Ports, ports));
            if (group is null)
            {
                groups.Add(group = new(ports, []));
            }
            group.Endpoints.Add(Endpoint(service, endpoint, zoneOf));
        }
        return groups.Count == 0 ? [new([], [])] : groups;
    }

    private static void Fill(
        Service service, string addressType, PortGroup group, List<EndpointSlice> own, List<EndpointSlice> create,
        List<EndpointSlice> update, List<EndpointSlice> delete)
    {
        var left = group.Endpoints.ToDictionary(Key, StringComparer.Ordinal);
        var kept = own.ConvertAll(slice => Kept(slice, left));
        for (var i = 0; i < own.Count; i++)
        {
            // New endpoints go where there is room; only what does not fit anywhere makes a new slice.
            while (kept[i].Count < MaxEndpoints && left.Count > 0)
            {
                kept[i].Add(Take(left));
            }
            var isSpare = kept[i].Count == 0 && (own.Count > 1 || group.Endpoints.Count > 0) && own.Count - delete.Count(own.Contains) > 1;
            if (isSpare)
            {
                delete.Add(own[i]);
            }
            else if (!Same(own[i], kept[i]) || !SliceMetadata.IsUpToDate(service, own[i]))
            {
                update.Add(Slice(service, addressType, group.Ports, kept[i]) with
                {
                    Metadata = SliceMetadata.Of(service) with { Name = own[i].Metadata.Name, GenerateName = null },
                });
            }
        }
        while (left.Count > 0 || (own.Count == 0 && create.Count == 0))
        {
            var endpoints = new List<Endpoint>();
            while (endpoints.Count < MaxEndpoints && left.Count > 0)
            {
                endpoints.Add(Take(left));
            }
            create.Add(Slice(service, addressType, group.Ports, endpoints));
        }
    }

    /// <summary>What of a slice is still wanted, as it is wanted now; what is found is taken out of <paramref name="left"/>.</summary>
    private static List<Endpoint> Kept(EndpointSlice slice, Dictionary<string, Endpoint> left)
    {
        var kept = new List<Endpoint>();
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (left.Remove(Key(endpoint), out var wanted))
            {
                kept.Add(wanted);
            }
        }
        return kept;
    }

    private static Endpoint Take(Dictionary<string, Endpoint> left)
    {
        var (key, endpoint) = left.First();
        left.Remove(key);
        return endpoint;
    }

    private static EndpointSlice Slice(Service service, string addressType, EndpointSlicePort[] ports, List<Endpoint> endpoints) => new()
    {
        Metadata = SliceMetadata.Of(service),
        AddressType = addressType,
        Ports = ports,
        Endpoints = [.. endpoints],
    };

    private static Endpoint Endpoint(Service service, PodEndpoint endpoint, Func<string, string?>? zoneOf)
    {
        var node = endpoint.Pod.Spec.NodeName;
        var zone = string.IsNullOrEmpty(node) ? null : zoneOf?.Invoke(node);
        return new()
        {
            Addresses = [endpoint.Address],
            Conditions = new() { Ready = endpoint.Ready, Serving = endpoint.Serving, Terminating = endpoint.Terminating },
            Hostname = endpoint.HostnameFor(service),
            NodeName = node,
            Zone = zone,
            Hints = endpoint.Ready ? TrafficHints.For(service, node, zone) : null,
            TargetRef = endpoint.Reference,
        };
    }

    private static EndpointSlicePort[] Ports(Service service, Pod pod)
    {
        var ports = new List<EndpointSlicePort>();
        foreach (var port in service.Spec.Ports ?? [])
        {
            if (PortResolution.Find(pod, port) is { } number)
            {
                ports.Add(new() { Name = port.Name ?? "", Protocol = port.Protocol ?? "TCP", Port = number, AppProtocol = port.AppProtocol });
            }
        }
        return [.. ports.OrderBy(port => port.Name, StringComparer.Ordinal).ThenBy(port => port.Port)];
    }

    private static bool SamePorts(EndpointSlicePort[]? left, EndpointSlicePort[]? right) =>
        (left ?? []).OrderBy(port => port.Name, StringComparer.Ordinal).ThenBy(port => port.Port).SequenceEqual(right ?? []);

    private static bool Same(EndpointSlice slice, List<Endpoint> wanted) =>
        (slice.Endpoints ?? []).Length == wanted.Count && (slice.Endpoints ?? []).Zip(wanted).All(pair => Same(pair.First, pair.Second));

    private static bool Same(Endpoint left, Endpoint right) =>
        Key(left) == Key(right) && left.Conditions == right.Conditions && left.Hostname == right.Hostname && left.NodeName == right.NodeName
        && left.Zone == right.Zone && TrafficHints.Same(left.Hints, right.Hints);

    private static string Key(Endpoint endpoint) => $"{endpoint.Addresses?.FirstOrDefault()}|{endpoint.TargetRef?.Uid}";

    private sealed record PortGroup(EndpointSlicePort[] Ports, List<Endpoint> Endpoints);
}
