using System.Net;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Dns.Zone;

/// <summary>
/// The names of the cluster's domain, by Kubernetes' DNS specification 1.1.0:
/// <code>
/// web.default.svc.cluster.local               A of the Service, or of each ready endpoint when it is headless
/// web-0.web.default.svc.cluster.local         A of one endpoint
/// _http._tcp.web.default.svc.cluster.local    SRV
/// 10-244-0-5.default.pod.cluster.local        A, read off the name
/// 5.0.244.10.in-addr.arpa                     PTR of a Service or an endpoint
/// </code>
/// </summary>
internal sealed class ClusterZone(string domain, IPAddress dnsAddress, IClusterRecords records, Random random)
{
    public const int TimeToLive = 30;

    /// <summary>Of a "no": what is asked for too early is asked for again soon.</summary>
    public const int NegativeTimeToLive = 5;

    private const string SpecificationVersion = "1.1.0";
    private const string ReverseV4 = ".in-addr.arpa";

    private readonly string suffix = "." + domain;

    /// <returns>Null when the name is none of the cluster's.</returns>
    public DnsResponse? Answer(DnsQuery query)
    {
        if (query.Class != DnsQuery.Internet) { return null; }
        if (DnsName.IsUnder(query.Name, domain)) { return Finish(query, Find(query.Name, query.Type)); }
        return query.Name.EndsWith(ReverseV4, StringComparison.Ordinal) && Reverse(query.Name) is { Count: > 0 } names
            ? Finish(query, new(names))
            : null;
    }

    // The name exists when Records is not null; what is not of the wanted type is left out.
    private DnsResponse Finish(DnsQuery query, Found found)
    {
        if (found.Records is null) { return new(DnsResponseCode.NameError) { Authoritative = true, Authority = [Soa()] }; }
        DnsRecord[] wanted = [.. found.Records.Where(record => record.Type == query.Type || record.Type == DnsType.CNAME || query.Type == DnsType.ANY)];
        return wanted.Length == 0
            ? new(DnsResponseCode.NoError) { Authoritative = true, Authority = [Soa()] }
            : new(DnsResponseCode.NoError) { Authoritative = true, Answers = wanted, Additional = found.Additional ?? [] };
    }

    private Found Find(string name, DnsType type)
    {
        if (name == domain) { return new([Soa(), new NameRecord(domain, DnsType.NS, $"ns.dns{suffix}", TimeToLive)]); }
        var labels = name[..^suffix.Length].Split('.');
        return labels switch
        {
            ["dns-version"] => new([new TextRecord(name, SpecificationVersion, TimeToLive)]),
            ["ns", "dns"] => new([new AddressRecord(name, dnsAddress, TimeToLive)]),
            ["dns"] or ["svc"] or ["pod"] => Found.Empty,
            [var ns, "svc" or "pod"] => records.NamespaceExists(ns) ? Found.Empty : Found.None,
            [var address, var ns, "pod"] => OfPod(name, address, ns),
            [var service, var ns, "svc"] => OfService(name, service, ns, type),
            [['_', .. var port], ['_', .. var protocol], var service, var ns, "svc"] => OfPort(name, port, protocol, service, ns),
            [var endpoint, var service, var ns, "svc"] => OfEndpoint(name, endpoint, service, ns),
            _ => Found.None,
        };
    }

    private Found OfPod(string name, string address, string ns) =>
        records.NamespaceExists(ns) && IPAddress.TryParse(address.Replace('-', '.'), out var ip) && ip.ToString() == address.Replace('-', '.')
            ? new([new AddressRecord(name, ip, TimeToLive)])
            : Found.None;

    private Found OfService(string name, string serviceName, string ns, DnsType type)
    {
        if (records.FindService(ns, serviceName) is not { Spec: { } spec } service) { return Found.None; }
        if (spec is { Type: "ExternalName", ExternalName: { Length: > 0 } external })
        {
            return new([new NameRecord(name, DnsType.CNAME, external.TrimEnd('.').ToLowerInvariant(), TimeToLive)]);
        }
        if (type == DnsType.SRV) { return Ports(name, service, _ => true); }
        if (!IsHeadless(service)) { return new(Addresses(name, spec.ClusterIPs ?? [spec.ClusterIP ?? ""])); }
        var addresses = Endpoints(service).Select(one => one.Ip).Distinct(StringComparer.Ordinal).ToArray();
        // Clients take the first: every one of them should be it at times.
        random.Shuffle(addresses);
        // A headless Service without endpoints does not exist, for those who ask for names.
        return addresses.Length == 0 && !HasAnyEndpoint(service) ? Found.None : new(Addresses(name, addresses));
    }

    private Found OfEndpoint(string name, string endpointName, string serviceName, string ns)
    {
        if (records.FindService(ns, serviceName) is not { } service) { return Found.None; }
        var addresses = Endpoints(service).Where(one => one.Name == endpointName).Select(one => one.Ip).Distinct(StringComparer.Ordinal).ToArray();
        return addresses.Length == 0 ? Found.None : new(Addresses(name, addresses));
    }

    private Found OfPort(string name, string port, string protocol, string serviceName, string ns) =>
        records.FindService(ns, serviceName) is { } service
            ? Ports(name, service, one => (port == "*" || one.Name == port) && (protocol == "*" || string.Equals(one.Protocol, protocol, StringComparison.OrdinalIgnoreCase)))
            : Found.None;

    private Found Ports(string name, Service service, Func<(string? Name, string Protocol), bool> wanted)
    {
        var target = $"{service.Metadata.Name}.{service.Metadata.Namespace}.svc{suffix}";
        if (!IsHeadless(service))
        {
            int[] ports = [.. (service.Spec?.Ports ?? []).Where(port => wanted((port.Name, port.Protocol ?? "TCP"))).Select(port => port.Port)];
            return Servers(name, [.. ports.Select(port => (target, port))], Addresses(target, service.Spec?.ClusterIPs ?? [service.Spec?.ClusterIP ?? ""]));
        }
        var endpoints = (
            from slice in records.SlicesOf(service.Metadata.Namespace!, service.Metadata.Name)
            from port in slice.Ports ?? []
            where port.Port is not null && wanted((port.Name, port.Protocol ?? "TCP"))
            from endpoint in slice.Endpoints ?? []
            where EndpointName.IsReady(endpoint)
            from ip in endpoint.Addresses ?? []
            select (Target: $"{EndpointName.Of(endpoint, ip)}.{target}", Port: port.Port!.Value, Ip: ip)).ToList();
        return Servers(
            name,
            [.. endpoints.Select(one => (one.Target, one.Port)).Distinct()],
            [.. endpoints.DistinctBy(one => (one.Target, one.Ip)).SelectMany(one => Addresses(one.Target, [one.Ip]))]);
    }

    private static Found Servers(string name, IReadOnlyList<(string Target, int Port)> servers, IReadOnlyList<DnsRecord> addresses) => servers.Count == 0
        ? Found.None
        : new([.. servers.Select(one => new ServiceRecord(name, 0, Math.Max(1, 100 / servers.Count), one.Port, one.Target, TimeToLive))], addresses);

    private IEnumerable<(string Name, string Ip)> Endpoints(Service service) =>
        from slice in records.SlicesOf(service.Metadata.Namespace!, service.Metadata.Name)
        from endpoint in slice.Endpoints ?? []
        where EndpointName.IsReady(endpoint)
        from ip in endpoint.Addresses ?? []
        select (EndpointName.Of(endpoint, ip), ip);

    private bool HasAnyEndpoint(Service service) =>
        records.SlicesOf(service.Metadata.Namespace!, service.Metadata.Name).Any(slice => slice.Endpoints is { Length: > 0 });

    private List<DnsRecord> Reverse(string name)
    {
        var ip = string.Join('.', name[..^ReverseV4.Length].Split('.').Reverse());
        if (records.FindByClusterIp(ip) is { } service) { return [Pointer($"{service.Metadata.Name}.{service.Metadata.Namespace}.svc{suffix}")]; }
        var names =
            from slice in records.SlicesWithAddress(ip)
            where EndpointName.ServiceOf(slice) is not null
            from endpoint in slice.Endpoints ?? []
            where endpoint.Addresses?.Contains(ip) == true
            select $"{EndpointName.Of(endpoint, ip)}.{EndpointName.ServiceOf(slice)}.{slice.Metadata.Namespace}.svc{suffix}";
        return [.. names.Distinct(StringComparer.Ordinal).Select(Pointer)];

        DnsRecord Pointer(string target) => new NameRecord(name, DnsType.PTR, target, TimeToLive);
    }

    private static List<DnsRecord> Addresses(string name, IEnumerable<string> ips) =>
        [.. ips.Select(ip => IPAddress.TryParse(ip, out var parsed) ? new AddressRecord(name, parsed, TimeToLive) : null).OfType<AddressRecord>()];

    private static bool IsHeadless(Service service) => service.Spec?.ClusterIP == "None";

    private AuthorityRecord Soa() => new(domain, $"ns.dns{suffix}", $"hostmaster{suffix}", 1, NegativeTimeToLive, NegativeTimeToLive);

    private readonly record struct Found(IReadOnlyList<DnsRecord>? Records, IReadOnlyList<DnsRecord>? Additional = null)
    {
        public static Found None => default;

        public static Found Empty => new([]);
    }
}
