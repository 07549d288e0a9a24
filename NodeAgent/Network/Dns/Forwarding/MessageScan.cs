using System.Buffers.Binary;
using System.Net;
using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>Reads what forwarding needs of another server's answer, which is otherwise passed on as it came.</summary>
internal sealed record MessageScan(bool Truncated, DnsResponseCode Code, int AnswerCount, IReadOnlyList<int> TimeToLiveOffsets, int MinTimeToLive, IReadOnlyList<DnsRecord> Answers)
{
    private const int HeaderSize = 12;

    public static MessageScan Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderSize) { throw new DnsFormatException("the message is shorter than a header"); }
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        var position = HeaderSize;
        for (var index = 0; index < Count(message, 4); index++) { DnsName.Read(message, ref position); position += 4; }
        var (answers, total) = (Count(message, 6), Count(message, 6) + Count(message, 8) + Count(message, 10));
        var (offsets, min, records) = (new List<int>(), int.MaxValue, new List<DnsRecord>());
        for (var index = 0; index < total; index++)
        {
            var name = DnsName.Read(message, ref position);
            if (position + 10 > message.Length) { throw new DnsFormatException("the message ends within a record"); }
            var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
            var life = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(message[(position + 4)..]), int.MaxValue);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
            // The extension record keeps flags where others keep their time to live.
            if (type != DnsType.OPT) { offsets.Add(position + 4); min = Math.Min(min, life); }
            position += 10;
            if (position + length > message.Length) { throw new DnsFormatException("the message ends within a record"); }
            if (index < answers && Record(message, name, type, position, length, life) is { } record) { records.Add(record); }
            position += length;
        }
        return new((flags & 0x0200) != 0, (DnsResponseCode)(flags & 0xF), answers, offsets, min == int.MaxValue ? 0 : min, records);
    }

    private static DnsRecord? Record(ReadOnlySpan<byte> message, string name, DnsType type, int position, int length, int life) => type switch
    {
        DnsType.A when length == 4 => new AddressRecord(name, new IPAddress(message.Slice(position, 4)), life),
        DnsType.AAAA when length == 16 => new AddressRecord(name, new IPAddress(message.Slice(position, 16)), life),
        DnsType.CNAME => new NameRecord(name, type, DnsName.Read(message, ref position), life),
        _ => null,
    };

    private static int Count(ReadOnlySpan<byte> message, int offset) => BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
}
