using Flotilla.NodeAgent.Network.Dns.Forwarding;
using Flotilla.NodeAgent.Network.Dns.Messages;
using Flotilla.NodeAgent.Network.Dns.Zone;

namespace Flotilla.NodeAgent.Network.Dns.Server;

/// <summary>From a query's bytes to its answer's: out of the cluster's zone at once, else from the machine's name servers.</summary>
internal sealed class QueryHandler(ClusterZone zone, Forwarder forwarder)
{
    private const int MaxAliases = 8;

    /// <summary>What can be answered without asking anybody.</summary>
    /// <returns>False when others must be asked.</returns>
    public bool TryAnswer(ReadOnlySpan<byte> message, bool udp, out byte[]? answer)
    {
        answer = null;
        if (!TryParse(message, out var query, ref answer)) { return true; }
        if (zone.Answer(query) is not { } response || NextAlias(response, query) is not null) { return false; }
        answer = response.Encode(query, udp ? query.UdpSize : ushort.MaxValue);
        return true;
    }

    public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> message, bool udp, CancellationToken cancellationToken)
    {
        if (TryAnswer(message.Span, udp, out var answer)) { return answer; }
        var query = DnsQuery.Parse(message.Span);
        var limit = udp ? query.UdpSize : ushort.MaxValue;
        if (zone.Answer(query) is { } response)
        {
            return (await FollowAsync(response, query, cancellationToken)).Encode(query, limit);
        }
        var forwarded = await forwarder.ForwardAsync(query, message, cancellationToken);
        return forwarded switch
        {
            null => new DnsResponse(DnsResponseCode.ServerFailure).Encode(query, limit),
            { Length: var length } when length > limit => new DnsResponse(DnsResponseCode.NoError) { Truncated = true }.Encode(query, limit),
            _ => forwarded,
        };
    }

    // An ExternalName leads to another of the cluster's names, or out of it; clients expect the addresses with the alias.
    private async Task<DnsResponse> FollowAsync(DnsResponse response, DnsQuery query, CancellationToken cancellationToken)
    {
        for (var step = 0; step < MaxAliases && NextAlias(response, query) is { } target; step++)
        {
            var inner = zone.Answer(query with { Name = target });
            var more = inner?.Answers ?? await forwarder.ResolveAsync(target, query.Type, cancellationToken);
            response = response with { Answers = [.. response.Answers, .. more] };
            if (inner is null || more.Count == 0) { break; }
        }
        return response;
    }

    private static string? NextAlias(DnsResponse response, DnsQuery query) =>
        query.Type is DnsType.A or DnsType.AAAA && response.Answers is [.., NameRecord { Type: DnsType.CNAME } alias] ? alias.Target : null;

    private static bool TryParse(ReadOnlySpan<byte> message, out DnsQuery query, ref byte[]? answer)
    {
        query = null!;
        try
        {
            query = DnsQuery.Parse(message);
            return true;
        }
        catch (DnsFormatException)
        {
            answer = MalformedReply.To(message);
            return false;
        }
    }
}
