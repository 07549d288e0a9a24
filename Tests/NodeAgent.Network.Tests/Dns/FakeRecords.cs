using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Dns.Zone;

namespace Flotilla.NodeAgent.Network.Tests.Dns;

internal sealed class FakeRecords(JsonNode one) : IClusterRecords
{
    private readonly Service[] services = CaseFile.Read(one["services"], ObjectJson.Default.Service);
    private readonly EndpointSlice[] slices = CaseFile.Read(one["slices"], ObjectJson.Default.EndpointSlice);
    private readonly string[] namespaces = [.. ((JsonArray)one["namespaces"]!).Select(name => (string)name!)];

    public static FakeRecords Load() => new(CaseFile.Load("dns", "names.yaml"));

    public bool NamespaceExists(string name) => namespaces.Contains(name);

    public Service? FindService(string ns, string name) => Array.Find(services, one => one.Metadata.Namespace == ns && one.Metadata.Name == name);

    public Service? FindByClusterIp(string ip) => Array.Find(services, one => one.Spec?.ClusterIP == ip);

    public IReadOnlyList<EndpointSlice> SlicesOf(string ns, string serviceName) =>
        Array.FindAll(slices, one => one.Metadata.Namespace == ns && EndpointName.ServiceOf(one) == serviceName);

    public IReadOnlyList<EndpointSlice> SlicesWithAddress(string ip) =>
        Array.FindAll(slices, one => one.Endpoints!.Any(endpoint => endpoint.Addresses!.Contains(ip)));
}
