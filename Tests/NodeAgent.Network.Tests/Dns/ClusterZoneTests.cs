using System.Net;
using System.Text.Json.Nodes;
using Flotilla.NodeAgent.Network.Dns.Messages;
using Flotilla.NodeAgent.Network.Dns.Zone;

namespace Flotilla.NodeAgent.Network.Tests.Dns;

/// <summary>The questions of Cases/dns/names.yaml, answered from the objects beside them.</summary>
public sealed class ClusterZoneTests
{
    private static readonly JsonNode Case = CaseFile.Load("dns", "names.yaml");
    private readonly ClusterZone zone = new("cluster.local", IPAddress.Parse("10.96.0.10"), new FakeRecords(Case), new Random(1));

    public static TheoryData<string> Questions() => [.. ((JsonArray)Case["queries"]!).Select(one => (string)one!["ask"]!)];

    [Theory, MemberData(nameof(Questions))]
    public void A_name_has_the_records_its_case_shows(string ask)
    {
        var one = ((JsonArray)Case["queries"]!).Single(query => (string)query!["ask"]! == ask)!;
        var response = zone.Answer(Query(ask));
        if ((bool?)one["elsewhere"] == true) { Assert.Null(response); return; }
        Assert.Equal((string?)one["code"] ?? "NoError", response!.Code.ToString());
        Assert.Equal((one["answers"] as JsonArray ?? []).Select(answer => (string)answer!), response.Answers.Select(Text));
        Assert.Equal(response.Answers.Count == 0, response.Authority is [AuthorityRecord]);
    }

    [Fact]
    public void A_server_record_brings_the_addresses_of_its_targets()
    {
        var response = zone.Answer(Query("SRV _pg._tcp.db.default.svc.cluster.local"))!;
        Assert.Equal(["db-0.db.default.svc.cluster.local A 10.244.0.5"], response.Additional.Select(Text));
    }

    [Fact]
    public void A_no_is_kept_for_a_shorter_time_than_an_address()
    {
        Assert.Equal(30, zone.Answer(Query("A web.default.svc.cluster.local"))!.Answers[0].TimeToLive);
        Assert.Equal(5, zone.Answer(Query("A nothing.default.svc.cluster.local"))!.Authority[0].TimeToLive);
    }

    internal static DnsQuery Query(string ask)
    {
        var words = ask.Split(' ');
        return new(7, true, words[1].ToLowerInvariant(), Enum.Parse<DnsType>(words[0]), DnsQuery.Internet, 512, false);
    }

    internal static string Text(DnsRecord record) => $"{record.Name} {record.Type}" + record switch
    {
        AddressRecord address => $" {address.Address}",
        NameRecord name => $" {name.Target}",
        ServiceRecord server => $" {server.Priority} {server.Weight} {server.Port} {server.Target}",
        TextRecord text => $" {text.Text}",
        _ => "",
    };
}
