using System.Net;
using System.Net.Sockets;
using Flotilla.NodeAgent.Network.Dns.Forwarding;
using Flotilla.NodeAgent.Network.Dns.Messages;
using Flotilla.NodeAgent.Network.Dns.Server;
using Flotilla.NodeAgent.Network.Dns.Zone;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Network.Tests.Dns;

/// <summary>The server on a loopback address, before a name server that the test plays.</summary>
public sealed class DnsServerTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Socket upstream = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly List<string> asked = [];
    private IPEndPoint address = null!;
    private DnsServer server = null!;
    private Task running = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        address = new(IPAddress.Loopback, LoopbackPort.Free());
        var zone = new ClusterZone("cluster.local", IPAddress.Parse("10.96.0.10"), FakeRecords.Load(), new Random(1));
        var forwarder = new Forwarder(new NameServers([(IPEndPoint)upstream.LocalEndPoint!]), clock);
        server = new(address, new QueryHandler(zone, forwarder), clock, NullLogger.Instance);
        running = Task.WhenAll(server.RunAsync(stopping.Token), PlayUpstreamAsync());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_service_is_found_over_udp_and_tcp()
    {
        Assert.Equal(["web.default.svc.cluster.local A 10.96.4.2"], await AskAsync("A web.default.svc.cluster.local"));
        Assert.Equal(["web.default.svc.cluster.local A 10.96.4.2"], await AskTcpAsync("A web.default.svc.cluster.local"));
    }

    [Fact]
    public async Task Other_names_are_asked_elsewhere_once_and_kept_until_they_expire()
    {
        Assert.Equal(["example.com A 192.0.2.1"], await AskAsync("A example.com"));
        Assert.Equal(["example.com A 192.0.2.1"], await AskAsync("A example.com"));
        Assert.Equal(["A example.com"], asked);
        clock.Advance(TimeSpan.FromSeconds(61));
        await AskAsync("A example.com");
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public async Task An_external_name_brings_the_addresses_behind_it()
    {
        Assert.Equal(["ext.default.svc.cluster.local CNAME example.com", "example.com A 192.0.2.1"], await AskAsync("A ext.default.svc.cluster.local"));
        Assert.Equal(
            ["inner.default.svc.cluster.local CNAME web.default.svc.cluster.local", "web.default.svc.cluster.local A 10.96.4.2"],
            await AskAsync("A inner.default.svc.cluster.local"));
    }

    [Fact]
    public async Task Without_an_answer_from_elsewhere_the_asker_hears_of_the_failure()
    {
        var answer = SendAsync(QuestionMessage.Encode(ClusterZoneTests.Query("A silent.test")));
        await Eventually.TrueAsync(() => asked.Contains("A silent.test"), "the other server was asked");
        await Eventually.TrueAsync(() => { clock.Advance(TimeSpan.FromSeconds(3)); return answer.IsCompleted; }, "patience ends");
        Assert.Equal(DnsResponseCode.ServerFailure, MessageScan.Read(await answer).Code);
    }

    [Theory, InlineData("wEb.DeFault.svc.cluster.LOCAL"), InlineData("eXample.COM")]
    public async Task A_name_comes_back_in_the_case_it_was_asked_in(string name)
    {
        for (var round = 0; round < 2; round++) // the second answer of a name outside comes from the cache
        {
            var question = QuestionMessage.Encode(ClusterZoneTests.Query($"A {name}") with { Name = name.ToLowerInvariant() });
            for (var index = 0; index < name.Length; index++)
            {
                if (name[index] != '.') { question[13 + index] = (byte)name[index]; }
            }
            var answer = await SendAsync(question);
            Assert.Equal(question[12..(14 + name.Length)], answer[12..(14 + name.Length)]);
            Assert.Single(MessageScan.Read(answer).Answers);
        }
    }

    [Fact]
    public async Task A_large_answer_from_elsewhere_is_to_be_asked_for_over_tcp()
    {
        var scan = MessageScan.Read(await SendAsync(QuestionMessage.Encode(ClusterZoneTests.Query("A large.test"))));
        Assert.True(scan.Truncated);
        Assert.Equal(100, (await AskTcpAsync("A large.test")).Count());
    }

    [Fact]
    public async Task An_answer_to_another_question_is_not_believed()
    {
        Assert.Equal(["honest.test A 192.0.2.1"], await AskAsync("A honest.test"));
    }

    [Fact]
    public async Task Any_noise_is_survived()
    {
        var random = new Random(7);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(address);
        for (var round = 0; round < 3000; round++)
        {
            var noise = new byte[random.Next(1, 80)];
            random.NextBytes(noise);
            await socket.SendAsync(noise);
        }
        Assert.Single(await AskAsync("A web.default.svc.cluster.local"));
    }

    [Fact]
    public async Task Nonsense_is_called_a_format_error_and_the_server_goes_on()
    {
        var answer = await SendAsync([0, 9, 1, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
        Assert.Equal(DnsResponseCode.FormatError, MessageScan.Read(answer).Code);
        Assert.Single(await AskAsync("A web.default.svc.cluster.local"));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.Dispose();
        upstream.Dispose();
        stopping.Dispose();
    }

    private async Task<IEnumerable<string>> AskAsync(string ask) =>
        MessageScan.Read(await SendAsync(QuestionMessage.Encode(ClusterZoneTests.Query(ask)))).Answers.Select(ClusterZoneTests.Text);

    private async Task<byte[]> SendAsync(byte[] message)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(address);
        var buffer = new byte[4096];
        for (var tries = 1; ; tries++)
        {
            // A datagram may be lost, and is asked for again as resolvers do.
            await socket.SendAsync(message);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            try
            {
                return buffer[..await socket.ReceiveAsync(buffer, limit.Token)];
            }
            catch (OperationCanceledException) when (tries < 5)
            {
                continue;
            }
        }
    }

    private async Task<IEnumerable<string>> AskTcpAsync(string ask)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        await TcpFraming.WriteAsync(client.GetStream(), QuestionMessage.Encode(ClusterZoneTests.Query(ask)), CancellationToken.None);
        return MessageScan.Read((await TcpFraming.ReadAsync(client.GetStream(), CancellationToken.None))!).Answers.Select(ClusterZoneTests.Text);
    }

    private async Task PlayUpstreamAsync()
    {
        var buffer = new byte[512];
        while (!stopping.IsCancellationRequested)
        {
            var received = await upstream.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stopping.Token);
            var query = DnsQuery.Parse(buffer.AsSpan(0, received.ReceivedBytes));
            asked.Add($"{query.Type} {query.Name}");
            if (query.Name == "silent.test") { continue; }
            if (query.Name == "honest.test")
            {
                var forged = new DnsResponse(DnsResponseCode.NoError) { Answers = [new AddressRecord("forged.test", IPAddress.Parse("192.0.2.66"), 60)] };
                await upstream.SendToAsync(forged.Encode(query with { Name = "forged.test", Asked = "forged.test" }), SocketFlags.None, received.RemoteEndPoint, stopping.Token);
            }
            var count = query.Name == "large.test" ? 100 : 1;
            DnsRecord[] records = [.. Enumerable.Range(1, count).Select(last => new AddressRecord(query.Name, IPAddress.Parse($"192.0.2.{last}"), 60))];
            var response = new DnsResponse(DnsResponseCode.NoError) { Answers = records };
            await upstream.SendToAsync(response.Encode(query), SocketFlags.None, received.RemoteEndPoint, stopping.Token);
        }
    }
}
