using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>
/// Writes a message from its end to its start: a nested message's length is known when its head is written, and nothing is copied.
/// </summary>
internal sealed class WireWriter : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int start;

    public WireWriter() => start = buffer.Length;

    /// <summary>How much is written: the difference of two is the length of what was written between.</summary>
    public int Length => buffer.Length - start;

    public ReadOnlySpan<byte> Written => buffer.AsSpan(start);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        start = 0;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        start -= bytes.Length;
        bytes.CopyTo(buffer.AsSpan(start));
    }

    public void Tag(int number, WireType type) => Varint(((ulong)number << 3) | (ulong)type);

    public void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var length = 0;
        while (value >= 0x80)
        {
            bytes[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[length++] = (byte)value;
        Raw(bytes[..length]);
    }

    public void VarintField(int number, long value)
    {
        Varint((ulong)value);
        Tag(number, WireType.Varint);
    }

    public void DoubleField(int number, double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, BitConverter.DoubleToInt64Bits(value));
        Raw(bytes);
        Tag(number, WireType.Fixed64);
    }

    public void TextField(int number, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Reserve(length);
        start -= length;
        Encoding.UTF8.GetBytes(value, buffer.AsSpan(start));
        Head(number, length);
    }

    public void BytesField(int number, ReadOnlySpan<byte> bytes)
    {
        Raw(bytes);
        Head(number, bytes.Length);
    }

    /// <summary>The head of a message whose body, written just before, has this length.</summary>
    public void Head(int number, int length)
    {
        Varint((ulong)length);
        Tag(number, WireType.Bytes);
    }

    private void Reserve(int length)
    {
        if (length <= start)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, Length + length));
        Written.CopyTo(larger.AsSpan(larger.Length - Length));
        var written = Length;
        ArrayPool<byte>.Shared.Return(buffer);
        (buffer, start) = (larger, larger.Length - written);
    }
}
