using Flotilla.ClusterCore.Storage.Embedded.Files;

namespace Flotilla.ClusterCore.Storage.Embedded.Log;

/// <summary>Decides what the bytes after a segment's last whole frame are: nothing, a torn append, or damage.</summary>
internal static class LogTail
{
    private const int Sector = 512;

    /// <returns>Null when it is safe to cut the segment at <paramref name="offset"/>; else why it is not.</returns>
    public static string? Damage(IStoreFile file, long offset, long lastSequence)
    {
        var rest = new byte[Math.Max(0, file.Length - offset)];
        _ = file.Read(offset, rest);
        if (FindLaterFrame(rest, lastSequence) is { } later)
        {
            return $"an intact record follows at offset {offset + later}";
        }

        return IsTorn(rest, offset) ? null : "the last record was written whole and does not match its checksum";
    }

    private static int? FindLaterFrame(ReadOnlySpan<byte> rest, long lastSequence)
    {
        for (var at = LogFrame.Alignment; at + LogFrame.HeaderLength < rest.Length; at += LogFrame.Alignment)
        {
            if (LogFrame.ReadHeader(rest[at..]) is { } header && header.Sequence > lastSequence &&
                at + LogFrame.Size(header.PayloadLength) <= rest.Length && LogFrame.IsWhole(rest[at..], header))
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>An append that did not finish leaves the file short, its own end zero, or a whole sector zero.</summary>
    private static bool IsTorn(ReadOnlySpan<byte> rest, long offset)
    {
        if (rest.Length < LogFrame.HeaderLength || !rest[..LogFrame.HeaderLength].ContainsAnyExcept((byte)0))
        {
            return true;
        }

        if (LogFrame.ReadHeader(rest) is not { } header)
        {
            // Half a header with nothing behind it; a whole one that has rotted has its record behind it.
            return !rest[LogFrame.HeaderLength..].ContainsAnyExcept((byte)0) ||
                HasZeroSector(rest[..LogFrame.HeaderLength], offset);
        }

        var size = LogFrame.Size(header.PayloadLength);
        return size > rest.Length || rest[LogFrame.HeaderLength + (int)header.PayloadLength] == 0 ||
            HasZeroSector(rest[..(int)size], offset);
    }

    private static bool HasZeroSector(ReadOnlySpan<byte> frame, long offset)
    {
        while (!frame.IsEmpty)
        {
            var length = (int)Math.Min(frame.Length, Sector - (offset % Sector));
            // Not even a sliver at an edge is zero by chance: the first one holds the magic number, the last one the end mark.
            if (!frame[..length].ContainsAnyExcept((byte)0))
            {
                return true;
            }

            frame = frame[length..];
            offset += length;
        }

        return false;
    }
}
