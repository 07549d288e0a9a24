using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>Asks the machine's name servers, one after the other; over TCP where the answer was too large for UDP.</summary>
internal sealed class Forwarder(NameServers servers, TimeProvider clock)
{
    private const int MaxUdp = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly AnswerCache cache = new(clock);
    private volatile NameServers servers = servers;

    /// <summary>From now on others are asked; what the ones before said is forgotten.</summary>
    public void Use(NameServers next)
    {
        servers = next;
        cache.Clear();
    }

    /// <param name="message">The client's query, passed on but for its id.</param>
    /// <returns>Null when no server answered.</returns>
    public async Task<byte[]?> ForwardAsync(DnsQuery query, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (cache.Find(query) is { } cached) { return cached; }
        var question = message.ToArray();
        // A fresh id and a fresh port for each question: an answer cannot be guessed (RFC 5452).
        BinaryPrimitives.WriteUInt16BigEndian(question, (ushort)RandomNumberGenerator.GetInt32(0x10000));
        foreach (var server in servers.For(query.Name))
        {
            if (await TryAskAsync(server, question, cancellationToken) is not var (answer, scan)) { continue; }
            BinaryPrimitives.WriteUInt16BigEndian(answer, query.Id);
            cache.Add(query, answer, scan);
            return answer;
        }
        return null;
    }

    /// <summary>The addresses behind a name, with the aliases that lead there.</summary>
    public async Task<IReadOnlyList<DnsRecord>> ResolveAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        var query = new DnsQuery(0, true, name, type, DnsQuery.Internet, 512, false);
        var message = QuestionMessage.Encode(query);
        return await ForwardAsync(query, message, cancellationToken) is { } answer ? MessageScan.Read(answer).Answers : [];
    }

    private async Task<(byte[] Answer, MessageScan Scan)?> TryAskAsync(IPEndPoint server, byte[] question, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var answer = await AskUdpAsync(server, question, either.Token);
            var scan = MessageScan.Read(answer);
            if (!scan.Truncated) { return (answer, scan); }
            answer = await AskTcpAsync(server, question, either.Token);
            return (answer, MessageScan.Read(answer));
        }
        catch (Exception exception) when (exception is SocketException or IOException or DnsFormatException
            || exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<byte[]> AskUdpAsync(IPEndPoint server, byte[] question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(question, cancellationToken);
        var buffer = new byte[MaxUdp];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (IsAnswer(buffer.AsSpan(0, length), question)) { return buffer[..length]; }
        }
    }

    /// <summary>To this question, not to another one by the same id: the name is repeated, in the case it was asked in or in lower case.</summary>
    private static bool IsAnswer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (message.Length < 12 || !message[..2].SequenceEqual(question[..2])) { return false; }
        var (asked, answered) = (12, 12);
        return BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == 0 || DnsName.Read(message, ref answered) == DnsName.Read(question, ref asked);
    }

    private static async Task<byte[]> AskTcpAsync(IPEndPoint server, byte[] question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        await TcpFraming.WriteAsync(stream, question, cancellationToken);
        return await TcpFraming.ReadAsync(stream, cancellationToken) ?? throw new IOException("the server closed the connection");
    }
}
