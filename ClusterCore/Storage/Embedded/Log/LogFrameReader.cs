using Flotilla.ClusterCore.Storage.Embedded.Files;

namespace Flotilla.ClusterCore.Storage.Embedded.Log;

internal enum LogFrameOutcome { Frame, End, Bad }

/// <summary>Reads a file's frames in order through a buffer.</summary>
internal sealed class LogFrameReader(IStoreFile file)
{
    private const int BufferLength = 1024 * 1024;
    private byte[] buffer = new byte[(int)Math.Min(BufferLength, Math.Max(64, file.Length))];
    private long bufferOffset;
    private int bufferCount;

    /// <summary>Where the frame last answered begins, or the end, or what is bad.</summary>
    public long Offset { get; private set; }

    private long next;

    public LogFrameHeader Header { get; private set; }

    /// <param name="payload">Valid until the next call.</param>
    public LogFrameOutcome Next(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        Offset = next;
        var head = Window(Offset, LogFrame.HeaderLength);
        if (!head.ContainsAnyExcept((byte)0))
        {
            return LogFrameOutcome.End;
        }

        if (LogFrame.ReadHeader(head) is not { } header || Offset + LogFrame.Size(header.PayloadLength) > file.Length)
        {
            return LogFrameOutcome.Bad;
        }

        var size = (int)LogFrame.Size(header.PayloadLength);
        var frame = Window(Offset, size);
        if (frame.Length < size || !LogFrame.IsWhole(frame, header))
        {
            return LogFrameOutcome.Bad;
        }

        Header = header;
        next = Offset + size;
        payload = frame.Slice(LogFrame.HeaderLength, (int)header.PayloadLength);
        return LogFrameOutcome.Frame;
    }

    /// <summary>The bytes from an offset, fewer at the end of the file.</summary>
    private ReadOnlySpan<byte> Window(long offset, int length)
    {
        if (offset < bufferOffset || offset + length > bufferOffset + bufferCount)
        {
            if (length > buffer.Length)
            {
                buffer = new byte[Math.Max(length, Math.Min(buffer.Length * 2, BufferLength))];
            }

            bufferOffset = offset;
            bufferCount = file.Read(offset, buffer);
        }

        var start = (int)(offset - bufferOffset);
        return buffer.AsSpan(start, Math.Min(length, bufferCount - start));
    }
}
