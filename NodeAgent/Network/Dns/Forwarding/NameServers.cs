using System.Net;
using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>Who is asked for names that are none of the cluster's.</summary>
/// <param name="StubDomains">Domains with name servers of their own; of several that fit, the longest counts.</param>
internal sealed record NameServers(IReadOnlyList<IPEndPoint> Upstream, IReadOnlyDictionary<string, IReadOnlyList<IPEndPoint>> StubDomains)
{
    public NameServers(IReadOnlyList<IPEndPoint> upstream)
        : this(upstream, new Dictionary<string, IReadOnlyList<IPEndPoint>>())
    {
    }

    public IReadOnlyList<IPEndPoint> For(string name)
    {
        if (StubDomains.Count == 0) { return Upstream; }
        var stub = StubDomains.Keys.Where(domain => DnsName.IsUnder(name, domain)).MaxBy(domain => domain.Length);
        return stub is null ? Upstream : StubDomains[stub];
    }
}
