using System.Buffers.Binary;
using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;

internal enum SpdyFrameType
{
    Data = 0,
    SynStream = 1,
    SynReply = 2,
    RstStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    Headers = 8,
    WindowUpdate = 9,
}

/// <param name="StreamId">0 for frames of the whole connection.</param>
/// <param name="Last">The sender will send no more on this stream (FLAG_FIN).</param>
internal readonly record struct SpdyFrame(SpdyFrameType Type, int StreamId, bool Last, ReadOnlyMemory<byte> Payload);

/// <summary>
/// Frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 §2.2). Eight bytes of head: a data frame has its stream's number in the first
/// four, a control frame the bit 31, version 3 and its type; then flags and the payload's length in three bytes.
/// </summary>
internal static class SpdyFrames
{
    public const int HeadLength = 8;
    private const byte Fin = 1;
    private const int SynStreamFixed = 10;
    private const int SynReplyFixed = 4;
    private const ushort ControlVersion = 0x8003;

    public static byte[] Data(int streamId, ReadOnlySpan<byte> content, bool last)
    {
        var frame = new byte[HeadLength + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, streamId);
        WriteFlagsAndLength(frame, last ? Fin : (byte)0, content.Length);
        content.CopyTo(frame.AsSpan(HeadLength));
        return frame;
    }

    /// <summary>Opens a stream. Its headers are sent in stored blocks of one zlib stream per connection, which needs no compressor.</summary>
    public static byte[] SynStream(int streamId, IReadOnlyCollection<(string Name, string Value)> headers, bool first) => OfStream(SpdyFrameType.SynStream, streamId, SynStreamFixed, headers, first);

    /// <summary>Accepts a stream.</summary>
    public static byte[] SynReply(int streamId, bool first) => OfStream(SpdyFrameType.SynReply, streamId, SynReplyFixed, [], first);

    public static byte[] Ping(ReadOnlySpan<byte> id)
    {
        var frame = Control(SpdyFrameType.Ping, id.Length);
        id.CopyTo(frame.AsSpan(HeadLength));
        return frame;
    }

    /// <returns>Null at the end of the connection.</returns>
    public static async Task<SpdyFrame?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[HeadLength];
        if (await stream.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, cancellationToken) < HeadLength)
        {
            return null;
        }

        var payload = new byte[(head[5] << 16) | (head[6] << 8) | head[7]];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        var last = (head[4] & Fin) != 0;
        if ((head[0] & 0x80) == 0)
        {
            return new(SpdyFrameType.Data, BinaryPrimitives.ReadInt32BigEndian(head), last, payload);
        }

        var type = (SpdyFrameType)BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2));
        var ofStream = payload.Length >= 4 && type is SpdyFrameType.SynStream or SpdyFrameType.SynReply or SpdyFrameType.RstStream or SpdyFrameType.Headers;
        return new(type, ofStream ? BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue : 0, last, payload);
    }

    /// <summary>The headers of a frame that opens a stream, compressed.</summary>
    /// <exception cref="IOException">It is too short to have any.</exception>
    public static ReadOnlyMemory<byte> HeadersOf(SpdyFrame opening) =>
        opening.Payload.Length > SynStreamFixed ? opening.Payload[SynStreamFixed..] : throw new IOException("a stream was opened without headers");

    /// <summary>An RFC 1951 block that is not compressed, and not the last.</summary>
    public static byte[] StoredBlock(ReadOnlySpan<byte> content)
    {
        var head = new byte[5];
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(1), (ushort)content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(3), (ushort)~content.Length);
        return [.. head, .. content];
    }

    /// <param name="fixedPart">How much comes before the headers: the stream's number, first of all.</param>
    private static byte[] OfStream(SpdyFrameType type, int streamId, int fixedPart, IReadOnlyCollection<(string Name, string Value)> headers, bool first)
    {
        var zlib = Stored(HeaderBlock(headers), first);
        var frame = Control(type, fixedPart + zlib.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(HeadLength), streamId);
        zlib.CopyTo(frame.AsSpan(HeadLength + fixedPart));
        return frame;
    }

    private static byte[] Control(SpdyFrameType type, int length)
    {
        var frame = new byte[HeadLength + length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, ControlVersion);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)type);
        WriteFlagsAndLength(frame, 0, length);
        return frame;
    }

    private static void WriteFlagsAndLength(byte[] frame, byte flags, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), length);
        frame[4] = flags;
    }

    private static byte[] HeaderBlock(IReadOnlyCollection<(string Name, string Value)> headers)
    {
        using var block = new MemoryStream();
        WriteNumber(block, headers.Count);
        foreach (var (name, value) in headers)
        {
            foreach (var text in (string[])[name, value])
            {
                var bytes = Encoding.ASCII.GetBytes(text);
                WriteNumber(block, bytes.Length);
                block.Write(bytes);
            }
        }

        return block.ToArray();
    }

    private static void WriteNumber(MemoryStream output, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        output.Write(bytes);
    }

    /// <summary>
    /// RFC 1950 head (without a dictionary), once per connection, then one RFC 1951 block that is not compressed, and an empty one,
    /// which tells the reader that it has everything so far.
    /// </summary>
    private static byte[] Stored(byte[] content, bool first) => [.. first ? (byte[])[0x78, 0x01] : [], .. StoredBlock(content), .. StoredBlock([])];
}
