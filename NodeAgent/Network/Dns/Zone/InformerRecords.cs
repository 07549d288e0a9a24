using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Dns.Zone;

internal sealed class InformerRecords : IClusterRecords
{
    private const string ByIp = "dns-ip";
    private const string ByService = "dns-service";

    private readonly Informer<Namespace> namespaces;
    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;

    public InformerRecords(Informer<Namespace> namespaces, Informer<Service> services, Informer<EndpointSlice> slices)
    {
        (this.namespaces, this.services, this.slices) = (namespaces, services, slices);
        services.Objects.AddIndex(ByIp, service => service.Spec?.ClusterIPs ?? []);
        slices.Objects.AddIndex(ByService, slice => EndpointName.ServiceOf(slice) is { } name ? [$"{slice.Metadata.Namespace}/{name}"] : []);
        slices.Objects.AddIndex(ByIp, slice => (slice.Endpoints ?? []).SelectMany(endpoint => endpoint.Addresses ?? []).Distinct(StringComparer.Ordinal));
    }

    public bool NamespaceExists(string name) => namespaces.Find(null, name) is not null;

    public Service? FindService(string ns, string name) => services.Find(ns, name);

    public Service? FindByClusterIp(string ip) => services.Objects.ByIndex(ByIp, ip) is [var first, ..] ? first : null;

    public IReadOnlyList<EndpointSlice> SlicesOf(string ns, string serviceName) => slices.Objects.ByIndex(ByService, $"{ns}/{serviceName}");

    public IReadOnlyList<EndpointSlice> SlicesWithAddress(string ip) => slices.Objects.ByIndex(ByIp, ip);
}
