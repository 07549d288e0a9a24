using System.Buffers.Binary;

namespace Flotilla.NodeAgent.Network.Dns.Messages;

/// <summary>What is answered to a query, and how it is put on the wire.</summary>
internal sealed record DnsResponse(DnsResponseCode Code)
{
    private const int MaxMessage = 65535;
    private const int OurUdpSize = 1232;
    private const int OptSize = 11;
    private const int HeaderSize = 12;

    [ThreadStatic]
    private static byte[]? scratch;

    public bool Authoritative { get; init; }

    /// <summary>Says that there is more, to be asked for over TCP.</summary>
    public bool Truncated { get; init; }

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authority { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additional { get; init; } = [];

    /// <param name="limit">The largest message the client takes; an answer over it is cut and marked, so that it asks again over TCP.</param>
    public byte[] Encode(DnsQuery query, int limit = MaxMessage)
    {
        var size = Math.Min(limit, MaxMessage) - (query.HasExtension ? OptSize : 0);
        var buffer = scratch ??= new byte[MaxMessage];
        var writer = new DnsWriter(buffer);
        writer.Bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        writer.Name(query.Name);
        DnsName.Recase(buffer, HeaderSize, query.Asked);
        writer.UInt16((int)query.Type);
        writer.UInt16(query.Class);
        var (answers, truncated) = Append(writer, Answers, size);
        var (authority, authorityCut) = truncated ? (0, true) : Append(writer, Authority, size);
        // Additional records are a courtesy: leaving them out truncates nothing.
        var additional = truncated || authorityCut ? 0 : Append(writer, Additional, size).Written;
        if (query.HasExtension) { WriteExtension(writer); additional++; }
        WriteHeader(buffer, query, Truncated || truncated || authorityCut, answers, authority, additional);
        return buffer[..writer.Length];
    }

    private static (int Written, bool Cut) Append(DnsWriter writer, IReadOnlyList<DnsRecord> records, int size)
    {
        for (var index = 0; index < records.Count; index++)
        {
            var start = writer.Length;
            writer.Record(records[index]);
            if (writer.Length <= size) { continue; }
            writer.CutTo(start);
            return (index, true);
        }
        return (records.Count, false);
    }

    private static void WriteExtension(DnsWriter writer)
    {
        writer.UInt8(0);
        writer.UInt16((int)DnsType.OPT);
        writer.UInt16(OurUdpSize);
        writer.UInt32(0);
        writer.UInt16(0);
    }

    private void WriteHeader(byte[] buffer, DnsQuery query, bool truncated, int answers, int authority, int additional)
    {
        var flags = 0x8000 | 0x0080 | (int)Code;
        if (Authoritative) { flags |= 0x0400; }
        if (truncated) { flags |= 0x0200; }
        if (query.RecursionDesired) { flags |= 0x0100; }
        ReadOnlySpan<int> words = [query.Id, flags, 1, answers, authority, additional];
        for (var index = 0; index < words.Length; index++) { BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(index * 2), (ushort)words[index]); }
    }
}
