using System.Security.Cryptography;
using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Embedded.Snapshots;

namespace Flotilla.ClusterCore.Storage.Embedded.Recovery;

/// <summary>
/// Reads a directory back: the newest snapshot, then the log from where it asks. Changes nothing but a torn last record,
/// and that only when told to.
/// </summary>
internal sealed class StoreRecovery(IStoreFiles files)
{
    private readonly RecoveredState recovered = new();
    private readonly List<LogSegment> segments = [];
    private long sequence;

    /// <summary>Where the log was cut, if its last append was torn.</summary>
    public (string File, long Offset)? Torn { get; private set; }

    public FileHeader Header { get; private set; } = new(0, StoreState.Empty.Revision, 0, 1);

    public IReadOnlyList<LogSegment> Segments => segments;

    public long NextSequence => sequence + 1;

    public RecoveredState State => recovered;

    /// <param name="cutTornTail">False only looks.</param>
    /// <exception cref="StoreCorruptException">A file does not hold what was once written to it.</exception>
    public void Run(bool cutTornTail)
    {
        var names = files.List();
        ReadSnapshot(names);
        ReadLog([.. names.Where(LogSegment.IsName)], cutTornTail);
        if (Header.StoreId == 0)
        {
            Header = Header with { StoreId = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue };
        }

        recovered.Finish();
    }

    private void ReadSnapshot(IReadOnlyList<string> names)
    {
        var name = names.LastOrDefault(static name => name.StartsWith("snapshot-", StringComparison.Ordinal));
        if (name is null)
        {
            return;
        }

        using var file = files.Open(name);
        var snapshot = SnapshotFile.Read(file, name);
        Header = snapshot.Header;
        recovered.Begin(snapshot);
    }

    private void ReadLog(List<string> names, bool cutTornTail)
    {
        // A snapshot that stands alone (a restored backup) is followed by a log of its own from 1 on.
        var first = Math.Max(1, Header.FirstSequence);
        var needed = names.FindLastIndex(name => string.CompareOrdinal(name, LogSegment.NameOf(first)) <= 0);
        if (needed < 0 && (names.Count > 0 || Header.FirstSequence > 1))
        {
            throw new StoreCorruptException(LogSegment.NameOf(first), 0, "the file is missing");
        }

        for (var i = Math.Max(0, needed); i < names.Count; i++)
        {
            ReadSegment(names[i], isFirst: segments.Count == 0, isLast: i == names.Count - 1, cutTornTail);
        }
    }

    private void ReadSegment(string name, bool isFirst, bool isLast, bool cutTornTail)
    {
        using var file = files.Open(name);
        var reader = new LogFrameReader(file);
        var segment = default(LogSegment);
        LogFrameOutcome outcome;
        while ((outcome = reader.Next(out var payload)) == LogFrameOutcome.Frame)
        {
            if (segment is null)
            {
                sequence = isFirst ? reader.Header.Sequence - 1 : sequence;
                segment = new(name, reader.Header.Sequence);
            }

            if (reader.Header.Sequence != ++sequence)
            {
                throw new StoreCorruptException(name, reader.Offset, $"record {reader.Header.Sequence} where {sequence} belongs");
            }

            Replay(payload, name, reader.Offset);
        }

        if (segment is not null)
        {
            segment.LastRevision = recovered.Revision;
            segment.Length = reader.Offset;
            segments.Add(segment);
        }

        if (outcome == LogFrameOutcome.End && !isLast)
        {
            return;
        }

        if (!isLast)
        {
            throw new StoreCorruptException(name, reader.Offset, "the record does not match its checksum");
        }

        if (LogTail.Damage(file, reader.Offset, sequence) is { } damage)
        {
            throw new StoreCorruptException(name, reader.Offset, damage);
        }

        Cut(file, name, reader.Offset, outcome, cutTornTail);
    }

    private void Cut(IStoreFile file, string name, long offset, LogFrameOutcome outcome, bool cutTornTail)
    {
        if (outcome == LogFrameOutcome.Bad)
        {
            Torn = (name, offset);
        }

        if (!cutTornTail)
        {
            return;
        }

        if (offset == 0)
        {
            // Not even its header was written: the file was never part of the log.
            files.Delete(name);
            files.FlushDirectory();
        }
        else if (file.Length > offset)
        {
            file.Truncate(offset);
            file.Flush();
        }
    }

    private void Replay(ReadOnlySpan<byte> payload, string name, long offset)
    {
        var records = new LogRecordReader(payload);
        while (!records.AtEnd)
        {
            switch (records.Kind())
            {
                case LogRecordKind.Header:
                    var header = records.Header();
                    if (Header.StoreId != 0 && header.StoreId != Header.StoreId)
                    {
                        throw new StoreCorruptException(name, offset, "the file belongs to another store");
                    }

                    Header = Header with { StoreId = header.StoreId };
                    recovered.Compact(header.Compacted);
                    break;
                case LogRecordKind.Transaction:
                    recovered.Replay(ref records);
                    break;
                case LogRecordKind.LeaseGrant:
                    recovered.Leases[records.Number()] = TimeSpan.FromMilliseconds(records.Number());
                    break;
                case LogRecordKind.LeaseRevoke:
                    _ = recovered.Leases.Remove(records.Number());
                    break;
                case LogRecordKind.Compaction:
                    recovered.Compact(records.Number());
                    break;
                default:
                    throw new StoreCorruptException(name, offset, "a record that does not belong in a log");
            }
        }
    }
}
