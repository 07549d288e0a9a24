using System.Buffers.Binary;
using System.Text;

namespace Flotilla.ClusterCore.Resources.Protobuf;

internal enum WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 }

internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    public readonly bool IsAtEnd => rest.IsEmpty;

    public (int Number, WireType Type) Tag()
    {
        var tag = Varint();
        var number = tag >> 3;
        return number is > 0 and < 1 << 29 ? ((int)number, (WireType)(tag & 7)) : throw new WireException("illegal tag");
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }

        throw new WireException(rest.Length < 10 ? "unexpected EOF" : "integer overflow");
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        if (length > (ulong)rest.Length)
        {
            throw new WireException("unexpected EOF");
        }

        var bytes = rest[..(int)length];
        rest = rest[(int)length..];
        return bytes;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public double Double() => BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(Fixed(8)));

    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Bytes:
                Bytes();
                break;
            case WireType.Fixed64:
                Fixed(8);
                break;
            case WireType.Fixed32:
                Fixed(4);
                break;
            default:
                throw new WireException($"illegal wireType {(int)type}");
        }
    }

    private ReadOnlySpan<byte> Fixed(int length)
    {
        if (rest.Length < length)
        {
            throw new WireException("unexpected EOF");
        }

        var bytes = rest[..length];
        rest = rest[length..];
        return bytes;
    }
}

/// <summary>Bytes that are no such message: leaves the recursion of one decode, never the decoder.</summary>
internal sealed class WireException(string message) : Exception(message);
