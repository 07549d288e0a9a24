using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Dns.Zone;

/// <summary>The objects that names are made of.</summary>
internal interface IClusterRecords
{
    bool NamespaceExists(string name);

    Service? FindService(string ns, string name);

    Service? FindByClusterIp(string ip);

    IReadOnlyList<EndpointSlice> SlicesOf(string ns, string serviceName);

    IReadOnlyList<EndpointSlice> SlicesWithAddress(string ip);
}
