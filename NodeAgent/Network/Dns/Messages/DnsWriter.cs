using System.Buffers.Binary;

namespace Flotilla.NodeAgent.Network.Dns.Messages;

/// <summary>Writes a message; a name's ending that was written before becomes a pointer to it (RFC 1035, 4.1.4).</summary>
internal sealed class DnsWriter(byte[] buffer)
{
    private const int MaxPointer = 0x3FFF;

    private readonly Dictionary<string, int> written = new(StringComparer.Ordinal);

    public int Length { get; private set; }

    public void UInt8(int value) => Take(1)[0] = (byte)value;

    public void UInt16(int value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Name(string name, bool compress = true)
    {
        while (name.Length > 0)
        {
            if (compress && written.TryGetValue(name, out var before))
            {
                UInt16(0xC000 | before);
                return;
            }
            if (Length <= MaxPointer) { written.TryAdd(name, Length); }
            var end = name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? dot : name.Length;
            UInt8(end);
            for (var index = 0; index < end; index++) { UInt8(name[index]); }
            name = end < name.Length ? name[(end + 1)..] : "";
        }
        UInt8(0);
    }

    public void Record(DnsRecord record)
    {
        Name(record.Name);
        UInt16((int)record.Type);
        UInt16(DnsQuery.Internet);
        UInt32((uint)record.TimeToLive);
        UInt16(0);
        var start = Length;
        record.WriteData(this);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(start - 2), (ushort)(Length - start));
    }

    /// <summary>Forgets what was written from a place on: an answer that turned out too large.</summary>
    public void CutTo(int length)
    {
        Length = length;
        foreach (var name in written.Where(one => one.Value >= length).Select(one => one.Key).ToList()) { written.Remove(name); }
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > buffer.Length) { throw new DnsFormatException("the message does not fit"); }
        Length += count;
        return buffer.AsSpan(Length - count, count);
    }
}
