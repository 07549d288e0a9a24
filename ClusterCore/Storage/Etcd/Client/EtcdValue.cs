using System.Buffers.Binary;
using Flotilla.ClusterCore.Storage.Embedded.Writes;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

/// <summary>
/// Values as they lie in etcd, which cannot stamp them: a value to be stamped is stored behind a mark and the offset, and
/// gets the digits of its mod revision whenever it is read.
/// </summary>
/// <remarks><code>00 'f' 'l' 't' 01 | offset, 4 bytes little-endian (ffffffff: no stamp) | value</code></remarks>
internal static class EtcdValue
{
    private const int HeadLength = 9;

    private static ReadOnlySpan<byte> Mark => [0, (byte)'f', (byte)'l', (byte)'t', 1];

    public static ByteString Encode(ReadOnlyMemory<byte> value, int stampAt)
    {
        // A value that begins like the mark by chance is marked too, so that it is not taken for a stamped one.
        if (stampAt < 0 && !value.Span.StartsWith(Mark))
        {
            return UnsafeByteOperations.UnsafeWrap(value);
        }

        var bytes = new byte[HeadLength + value.Length];
        Mark.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Mark.Length), stampAt);
        value.CopyTo(bytes.AsMemory(HeadLength));
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> stored, long revision)
    {
        if (stored.Length < HeadLength || !stored.Span.StartsWith(Mark))
        {
            return stored;
        }

        var stampAt = BinaryPrimitives.ReadInt32LittleEndian(stored.Span[Mark.Length..]);
        var value = stored[HeadLength..];
        return stampAt < 0 ? value : StoredBytes.Join([], value.Span, stampAt, revision);
    }
}
