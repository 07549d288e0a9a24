using System.Buffers.Binary;

namespace Flotilla.NodeAgent.Network.Dns.Messages;

/// <summary>A question as a client asks it (RFC 1035, 4.1), with the answer size it takes over UDP (RFC 6891).</summary>
internal sealed record DnsQuery(ushort Id, bool RecursionDesired, string Name, DnsType Type, int Class, int UdpSize, bool HasExtension)
{
    public const int Internet = 1;

    /// <summary>The name as it was written: askers that mix upper and lower case at random know a forged answer by it.</summary>
    public string Asked { get; init; } = Name;

    private const int HeaderSize = 12;
    private const int ClassicUdpSize = 512;

    /// <exception cref="DnsFormatException">It is no query, or not one question.</exception>
    public static DnsQuery Parse(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderSize) { throw new DnsFormatException("the message is shorter than a header"); }
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & 0x8000) != 0) { throw new DnsFormatException("a response, not a query"); }
        if ((flags & 0x7800) != 0) { throw new DnsFormatException("an operation other than a query"); }
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1) { throw new DnsFormatException("not exactly one question"); }
        var position = HeaderSize;
        var name = DnsName.Read(message, ref position);
        var asked = DnsName.Written(message, HeaderSize, name);
        var type = ReadUInt16(message, ref position);
        var kind = ReadUInt16(message, ref position);
        var size = FindUdpSize(message, position);
        return new(BinaryPrimitives.ReadUInt16BigEndian(message), (flags & 0x0100) != 0, name, (DnsType)type, kind, size ?? ClassicUdpSize, size is not null) { Asked = asked };
    }

    private static int? FindUdpSize(ReadOnlySpan<byte> message, int position)
    {
        var skipped = BinaryPrimitives.ReadUInt16BigEndian(message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        var additional = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        for (var index = 0; index < skipped + additional; index++)
        {
            DnsName.Read(message, ref position);
            var type = ReadUInt16(message, ref position);
            var size = ReadUInt16(message, ref position);
            position += 4;
            position += ReadUInt16(message, ref position);
            if (index >= skipped && type == (int)DnsType.OPT) { return Math.Max(size, ClassicUdpSize); }
        }
        return null;
    }

    private static int ReadUInt16(ReadOnlySpan<byte> message, ref int position)
    {
        if (position + 2 > message.Length) { throw new DnsFormatException("the message ends within a record"); }
        position += 2;
        return BinaryPrimitives.ReadUInt16BigEndian(message[(position - 2)..]);
    }
}
