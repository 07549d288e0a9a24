using System.Net;
using Flotilla.NodeAgent.Network.Dns.Forwarding;
using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Tests.Dns;

public sealed class DnsMessageTests
{
    private static readonly DnsQuery Query = ClusterZoneTests.Query("A web.default.svc.cluster.local");

    [Fact]
    public void A_query_is_read_as_it_was_written() => Assert.Equal(Query, DnsQuery.Parse(QuestionMessage.Encode(Query)));

    [Fact]
    public void Names_that_come_again_are_pointers()
    {
        var response = new DnsResponse(DnsResponseCode.NoError) { Answers = [new AddressRecord(Query.Name, IPAddress.Parse("10.96.4.2"), 30)] };
        var message = response.Encode(Query);
        // Header, question (name 31 and 4), answer (pointer 2, fixed part 10, address 4).
        Assert.Equal(12 + 31 + 4 + 16, message.Length);
        Assert.Equal(response.Answers, MessageScan.Read(message).Answers);
    }

    [Fact]
    public void An_answer_too_large_for_its_asker_is_cut_and_says_so()
    {
        DnsRecord[] many = [.. Enumerable.Range(0, 100).Select(index => new AddressRecord(Query.Name, new IPAddress([10, 244, 0, (byte)index]), 30))];
        var message = new DnsResponse(DnsResponseCode.NoError) { Answers = many }.Encode(Query, Query.UdpSize);
        var scan = MessageScan.Read(message);
        Assert.True(message.Length <= 512);
        Assert.True(scan.Truncated);
        Assert.InRange(scan.Answers.Count, 1, 99);
        Assert.Equal(100, MessageScan.Read(new DnsResponse(DnsResponseCode.NoError) { Answers = many }.Encode(Query)).Answers.Count);
    }

    [Fact]
    public void An_extended_query_gets_an_extended_answer_of_its_size()
    {
        byte[] extended = [.. QuestionMessage.Encode(Query), 0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0];
        extended[11] = 1;
        var query = DnsQuery.Parse(extended);
        Assert.Equal((4096, true), (query.UdpSize, query.HasExtension));
        var answer = new DnsResponse(DnsResponseCode.NoError).Encode(query);
        Assert.Equal(1, answer[11]);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    // A question whose name points at itself.
    [InlineData(new byte[] { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1 })]
    // A label longer than the message.
    [InlineData(new byte[] { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 97, 0 })]
    // Two questions.
    [InlineData(new byte[] { 0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1 })]
    public void What_is_malformed_is_refused(byte[] message) => Assert.Throws<DnsFormatException>(() => DnsQuery.Parse(message));

    [Fact]
    public void Noise_never_does_more_than_be_refused()
    {
        var random = new Random(42);
        var valid = QuestionMessage.Encode(Query);
        for (var round = 0; round < 20_000; round++)
        {
            var message = (byte[])valid.Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--) { message[random.Next(message.Length)] = (byte)random.Next(256); }
            Assert.True(Record.Exception(() => { DnsQuery.Parse(message); MessageScan.Read(message); }) is null or DnsFormatException);
        }
    }
}
