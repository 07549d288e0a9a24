using Flotilla.ClusterCore.Storage.Embedded.Files;

namespace Flotilla.ClusterCore.Storage.Embedded.Log;

/// <summary>One file of the log.</summary>
/// <param name="firstSequence">Of its header frame; part of its name.</param>
internal sealed class LogSegment(string name, long firstSequence)
{
    public string Name { get; } = name;

    public long FirstSequence { get; } = firstSequence;

    /// <summary>The newest revision in this segment or before it.</summary>
    public long LastRevision { get; set; }

    public long Length { get; set; }

    public static string NameOf(long firstSequence) => $"log-{firstSequence:x16}";

    public static bool IsName(string name) =>
        name.StartsWith("log-", StringComparison.Ordinal) && name.Length == "log-".Length + 16;
}

/// <summary>The log's end, where the writer appends; and the list of its segments, oldest first.</summary>
internal sealed class StoreLog(IStoreFiles files, long storeId, long segmentBytes) : IDisposable
{
    private const long SmallStep = 128 * 1024;
    private const long LargeStep = 1024 * 1024;
    private readonly Lock gate = new();
    private readonly List<LogSegment> segments = [];
    private readonly LogBuffer header = new();

    /// <summary>The last segment, for the writer alone: the list is changed by who drops old ones.</summary>
    private LogSegment? current;
    private IStoreFile? file;
    private long allocated;

    public long NextSequence { get; private set; } = 1;

    /// <summary>Bytes in all segments.</summary>
    public long Length
    {
        get
        {
            lock (gate)
            {
                return segments.Sum(static segment => segment.Length);
            }
        }
    }

    /// <summary>Takes up a recovered log: the last segment is appended to.</summary>
    public void Adopt(IEnumerable<LogSegment> recovered, long nextSequence)
    {
        segments.AddRange(recovered);
        NextSequence = nextSequence;
        if (segments.Count > 0)
        {
            current = segments[^1];
            file = files.Open(current.Name);
            allocated = file.Length;
        }
    }

    /// <summary>Appends one frame; when this returns it is durable.</summary>
    /// <exception cref="NoSpaceException">The disk is full; the log is as it was.</exception>
    /// <exception cref="IOException">The disk failed; what is on it is not known.</exception>
    public void Append(LogBuffer buffer, long revision, long compacted)
    {
        if (current is null || current.Length >= segmentBytes)
        {
            Roll(revision, compacted);
        }

        var segment = current!;
        var frame = buffer.Seal(NextSequence);
        Write(segment, frame);
        file!.Flush();
        segment.LastRevision = revision;
        NextSequence++;
    }

    /// <summary>The first sequence of the oldest segment that holds <paramref name="revision"/> or later.</summary>
    public long FirstSequenceHolding(long revision)
    {
        lock (gate)
        {
            return segments.FirstOrDefault(segment => segment.LastRevision >= revision || segment == segments[^1])
                ?.FirstSequence ?? NextSequence;
        }
    }

    public long BytesBefore(long revision)
    {
        lock (gate)
        {
            return segments.Where(segment => segment.LastRevision < revision && segment != segments[^1])
                .Sum(static segment => segment.Length);
        }
    }

    /// <summary>Deletes the segments before the one that begins with <paramref name="firstSequence"/>.</summary>
    public void DropBefore(long firstSequence)
    {
        List<LogSegment> dropped;
        lock (gate)
        {
            dropped = segments.FindAll(segment => segment.FirstSequence < firstSequence && segment != segments[^1]);
            _ = segments.RemoveAll(dropped.Contains);
        }

        dropped.ForEach(segment => files.Delete(segment.Name));
        if (dropped.Count > 0)
        {
            files.FlushDirectory();
        }
    }

    public void Dispose()
    {
        if (file is not null)
        {
            Close();
        }
    }

    private void Write(LogSegment segment, ReadOnlySpan<byte> frame)
    {
        try
        {
            var end = segment.Length + frame.Length;
            if (end > allocated)
            {
                var step = end > LargeStep ? LargeStep : SmallStep;
                var target = (end + step - 1) / step * step;
                file!.Allocate(target);
                allocated = target;
            }

            file!.Write(segment.Length, frame);
            segment.Length = end;
        }
        catch (NoSpaceException)
        {
            // Half a frame must not lie behind the end of a shorter one written in its place.
            file!.Truncate(segment.Length);
            allocated = segment.Length;
            throw;
        }
    }

    private void Roll(long revision, long compacted)
    {
        var segment = new LogSegment(LogSegment.NameOf(NextSequence), NextSequence) { LastRevision = revision };
        var next = files.Open(segment.Name);
        try
        {
            next.Truncate(0);
            header.Clear();
            header.WriteHeader(new(storeId, revision, compacted, segment.FirstSequence));
            var frame = header.Seal(NextSequence);
            next.Allocate(SmallStep);
            next.Write(0, frame);
            next.Flush();
            files.FlushDirectory();
            segment.Length = frame.Length;
        }
        catch (NoSpaceException)
        {
            next.Dispose();
            files.Delete(segment.Name);
            throw;
        }

        if (file is not null)
        {
            Close();
        }

        (current, file) = (segment, next);
        allocated = SmallStep;
        NextSequence++;
        lock (gate)
        {
            segments.Add(segment);
        }
    }

    /// <summary>Gives back what was allocated and not used.</summary>
    private void Close()
    {
        file!.Truncate(current!.Length);
        file.Dispose();
        file = null;
    }
}
