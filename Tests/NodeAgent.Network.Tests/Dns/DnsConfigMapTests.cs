using System.Net;
using Flotilla.NodeAgent.Network.Dns.Forwarding;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Network.Tests.Dns;

public sealed class DnsConfigMapTests
{
    private static readonly IPAddress Self = IPAddress.Parse("10.96.0.10");
    private static readonly IPEndPoint[] Machine = [IPEndPoint.Parse("192.0.2.53:53")];

    [Theory]
    [InlineData("db.acme.local", "10.1.0.53:53,10.1.0.54:5353")]
    [InlineData("acme.local", "10.1.0.53:53,10.1.0.54:5353")]
    [InlineData("db.eu.acme.local", "10.2.0.53:53")]
    [InlineData("notacme.local", "192.0.2.53:53")]
    public void A_stub_domain_has_servers_of_its_own(string name, string servers)
    {
        var read = Read("stubDomains", """{"acme.local": ["10.1.0.53", "10.1.0.54:5353"], "EU.acme.local.": ["10.2.0.53"]}""");
        Assert.Equal(servers, string.Join(',', read.For(name)));
    }

    [Fact]
    public void Upstream_servers_take_the_place_of_the_machines() => Assert.Equal("203.0.113.1:53", string.Join(',', Read("upstreamNameservers", """["203.0.113.1"]""").Upstream));

    [Fact]
    public void A_server_that_is_this_one_is_never_asked() => Assert.Empty(Read("upstreamNameservers", """["10.96.0.10", "127.0.0.1"]""").Upstream);

    [Fact]
    public void Without_a_map_the_machines_servers_are_asked() => Assert.Equal(Machine, DnsConfigMap.Read(null, Machine, Self).For("example.com"));

    [Theory, InlineData("stubDomains", "{"), InlineData("stubDomains", """{"acme.local": "10.1.0.53"}"""), InlineData("upstreamNameservers", """["nobody"]""")]
    public void What_is_something_else_says_so(string key, string text) => Assert.Throws<FormatException>(() => Read(key, text));

    private static NameServers Read(string key, string text) => DnsConfigMap.Read(new() { Metadata = A.Meta("kube-dns", "kube-system"), Data = A.Labels(key, text) }, Machine, Self);
}
