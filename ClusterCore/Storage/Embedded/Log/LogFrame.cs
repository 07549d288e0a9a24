using System.Buffers.Binary;

namespace Flotilla.ClusterCore.Storage.Embedded.Log;

/// <summary>
/// What one append writes: a header with its own checksum, the payload, an end mark, zeros up to a multiple of eight.
/// </summary>
/// <remarks>
/// <code>
/// 0 magic "FLF1" | 4 payload length | 8 sequence | 16 CRC-32C of the payload | 20 CRC-32C of bytes 0..19 | 24 payload | mark
/// </code>
/// A frame is flushed before the next is written, so only the last one can be torn. The end mark tells a torn frame, whose
/// end still reads as zeros, from one that was whole once and has rotted since.
/// </remarks>
internal static class LogFrame
{
    public const int HeaderLength = 24;
    public const byte EndMark = 0xe5;
    public const int Alignment = 8;
    private const uint Magic = 0x31464c46;

    /// <summary>Bytes a frame takes in the file.</summary>
    public static long Size(long payloadLength) => (HeaderLength + payloadLength + 1 + Alignment - 1) & ~(Alignment - 1L);

    /// <summary>Fills in the header and the end mark; <paramref name="frame"/> has the payload at its place.</summary>
    public static void Seal(Span<byte> frame, int payloadLength, long sequence)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], (uint)payloadLength);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[16..], Crc32C.Of(frame.Slice(HeaderLength, payloadLength)));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[20..], Crc32C.Of(frame[..20]));
        frame[HeaderLength + payloadLength] = EndMark;
        frame[(HeaderLength + payloadLength + 1)..].Clear();
    }

    /// <returns>Null when this is not an intact header.</returns>
    public static LogFrameHeader? ReadHeader(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= HeaderLength && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic &&
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]) == Crc32C.Of(bytes[..20])
            ? new(
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]))
            : null;

    /// <param name="frame">From the header on, at least the frame's size.</param>
    public static bool IsWhole(ReadOnlySpan<byte> frame, LogFrameHeader header) =>
        frame[HeaderLength + (int)header.PayloadLength] == EndMark &&
        Crc32C.Of(frame.Slice(HeaderLength, (int)header.PayloadLength)) == header.PayloadChecksum;
}

internal readonly record struct LogFrameHeader(long PayloadLength, long Sequence, uint PayloadChecksum);
