using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Index;
using Flotilla.ClusterCore.Storage.Embedded.Log;

namespace Flotilla.ClusterCore.Storage.Embedded.Snapshots;

/// <summary>The whole store as of one revision, in frames like the log's: header, leases, keys, end.</summary>
internal static class SnapshotFile
{
    public const string TemporaryName = "snapshot.tmp";
    private const int FramePayload = 256 * 1024;

    public static string NameOf(long revision) => $"snapshot-{revision:x16}";

    /// <summary>Writes and flushes a snapshot; the caller gives it its name.</summary>
    public static void Write(
        IStoreFile file, FileHeader header, StoreState state, IReadOnlyList<(long Id, TimeSpan TimeToLive)> leases,
        CancellationToken cancellationToken)
    {
        var offset = 0L;
        file.Truncate(0);
        Write(
            frame =>
            {
                file.Write(offset, frame);
                offset += frame.Length;
            },
            header, state, leases, cancellationToken);
        file.Flush();
    }

    public static void Write(
        FrameSink sink, FileHeader header, StoreState state, IReadOnlyList<(long Id, TimeSpan TimeToLive)> leases,
        CancellationToken cancellationToken)
    {
        var writer = new FrameWriter(sink);
        writer.Buffer.WriteHeader(header);
        foreach (var (id, timeToLive) in leases)
        {
            writer.Buffer.WriteGrant(id, timeToLive);
        }

        var visitor = new KeyWriter(writer, header.Revision, cancellationToken);
        _ = KeyTreeReader.Visit(state.Root, new(default, new byte[] { 0 }), ref visitor);
        cancellationToken.ThrowIfCancellationRequested();
        writer.Buffer.WriteEnd(visitor.Keys);
        writer.Flush();
    }

    /// <exception cref="StoreCorruptException">A frame is bad, or the end is missing.</exception>
    public static SnapshotContent Read(IStoreFile file, string name)
    {
        var reader = new LogFrameReader(file);
        var editor = new KeyTreeEditor(StoreState.Empty.Root, Recovery.RecoveredState.Edit);
        var leases = new List<(long, TimeSpan)>();
        FileHeader? header = null;
        var (keys, bytes, sequence) = (0L, 0L, 0L);
        while (reader.Next(out var payload) == LogFrameOutcome.Frame)
        {
            if (reader.Header.Sequence != ++sequence)
            {
                throw new StoreCorruptException(name, reader.Offset, $"record {reader.Header.Sequence} where {sequence} belongs");
            }

            var records = new LogRecordReader(payload);
            while (!records.AtEnd)
            {
                switch (records.Kind())
                {
                    case LogRecordKind.Header:
                        header = records.Header();
                        break;
                    case LogRecordKind.LeaseGrant:
                        leases.Add((records.Number(), TimeSpan.FromMilliseconds(records.Number())));
                        break;
                    case LogRecordKind.Key:
                        var item = records.Key();
                        editor.Set(item);
                        bytes += Watch.History.LiveSizeOf(item);
                        keys++;
                        break;
                    case LogRecordKind.End when records.Number() == keys && header is not null:
                        return new(header, new(editor.Root, header.Revision), leases, keys, bytes);
                    default:
                        throw new StoreCorruptException(name, reader.Offset, "a record that does not belong in a snapshot");
                }
            }
        }

        throw new StoreCorruptException(name, reader.Offset, "the record does not match its checksum, or the file is cut short");
    }

    private sealed class FrameWriter(FrameSink sink)
    {
        private long sequence;

        public LogBuffer Buffer { get; } = new();

        public void FlushIfLarge()
        {
            if (Buffer.PayloadLength >= FramePayload)
            {
                Flush();
            }
        }

        public void Flush()
        {
            sink(Buffer.Seal(++sequence));
            Buffer.Clear();
        }
    }

    private struct KeyWriter(FrameWriter writer, long revision, CancellationToken cancellationToken) : IKeyVisitor
    {
        public long Keys { get; private set; }

        public bool Visit(KeyValue newest)
        {
            var item = newest;
            while (item is not null && item.ModRevision > revision)
            {
                item = item.Older;
            }

            if (item is { IsTombstone: false })
            {
                writer.Buffer.WriteKey(item);
                writer.FlushIfLarge();
                Keys++;
            }

            return !cancellationToken.IsCancellationRequested;
        }
    }
}

/// <summary>Takes a snapshot's frames in their order.</summary>
internal delegate void FrameSink(ReadOnlySpan<byte> frame);

internal sealed record SnapshotContent(
    FileHeader Header, StoreState State, IReadOnlyList<(long Id, TimeSpan TimeToLive)> Leases, long Keys, long Bytes);
