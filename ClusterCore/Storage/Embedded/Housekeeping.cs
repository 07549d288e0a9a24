using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Leases;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Embedded.Snapshots;
using Flotilla.ClusterCore.Storage.Embedded.Watch;
using Flotilla.ClusterCore.Storage.Embedded.Writes;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Embedded;

/// <summary>Keeps memory and directory from growing: compacts by age and size, trims, snapshots, drops old log files.</summary>
internal sealed partial class Housekeeping : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Log that a snapshot should at least make superfluous, unless room is short.</summary>
    private const long MinDroppedBytes = 4L * 1024 * 1024;
    private readonly IStoreFiles files;
    private readonly StoreLog log;
    private readonly History history;
    private readonly LeaseTable leases;
    private readonly StoreWriter writer;
    private readonly WatchHub hub;
    private readonly EmbeddedStoreOptions options;
    private readonly long storeId;
    private readonly Queue<(long Timestamp, long Revision)> samples = new();
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly ITimer timer;
    private readonly Task loop;
    private (long Timestamp, long Revision) lastSample;
    private long lastProgress;

    public Housekeeping(
        IStoreFiles files, StoreLog log, History history, LeaseTable leases, StoreWriter writer, WatchHub hub, long storeId,
        EmbeddedStoreOptions options)
    {
        this.files = files;
        this.log = log;
        this.history = history;
        this.leases = leases;
        this.writer = writer;
        this.hub = hub;
        this.storeId = storeId;
        this.options = options;
        lastProgress = options.Clock.GetTimestamp();
        var interval = options.ProgressInterval < Interval ? options.ProgressInterval : Interval;
        timer = options.Clock.CreateTimer(static self => ((Housekeeping)self!).Wake(), this, interval, interval);
        SnapshotBytes = SnapshotsOnDisk();
        loop = Task.Run(RunAsync);
    }

    public long SnapshotBytes { get; private set; }

    /// <summary>Called after each batch: memory may be over its bound long before the timer comes round.</summary>
    public void OnPublished()
    {
        if (!options.KeepsAllHistory && history.SupersededBytes > options.HistoryBytes)
        {
            Wake();
        }
    }

    public void Wake()
    {
        try
        {
            if (wake.CurrentCount == 0 && !stop.IsCancellationRequested)
            {
                _ = wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Another thread woke it at the same moment, which is all that was wanted.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
        wake.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(stop.Token);
                await RoundAsync();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogRoundFailed(options.Logger, exception);
            }
        }
    }

    private async Task RoundAsync()
    {
        if (writer.Failure is not null)
        {
            return;
        }

        writer.ProbeSpace();
        NotifyProgress();
        if (CompactionDue() is { } revision && revision > writer.Compacted)
        {
            _ = await writer.Post(new PendingCompaction(revision));
        }

        await TrimAsync();
        await SnapshotAsync();
    }

    private void NotifyProgress()
    {
        var now = options.Clock.GetTimestamp();
        if (options.Clock.GetElapsedTime(lastProgress, now) >= options.ProgressInterval)
        {
            lastProgress = now;
            hub.RequestProgress();
        }
    }

    /// <summary>The newest revision that is old enough, or that must go for the history to fit.</summary>
    private long? CompactionDue()
    {
        if (options.KeepsAllHistory)
        {
            return null;
        }

        var (now, revision) = (options.Clock.GetTimestamp(), writer.State.Revision);
        if (revision != lastSample.Revision && options.Clock.GetElapsedTime(lastSample.Timestamp, now) >= Interval / 2)
        {
            lastSample = (now, revision);
            samples.Enqueue(lastSample);
        }

        long? due = null;
        while (samples.TryPeek(out var sample) && options.Clock.GetElapsedTime(sample.Timestamp, now) >= options.HistoryAge)
        {
            due = samples.Dequeue().Revision;
        }

        return history.SupersededBytes > options.HistoryBytes
            ? Math.Max(due ?? 0, history.RevisionHolding(options.HistoryBytes / 2))
            : due;
    }

    private async Task TrimAsync()
    {
        // The hub may still have to carry what was compacted a moment ago.
        while (history.CanTrim(Math.Min(writer.Compacted, hub.Distributed)) &&
            !await writer.Post(new PendingTrim(history, () => Math.Min(writer.Compacted, hub.Distributed))))
        {
            stop.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task SnapshotAsync()
    {
        var revision = Math.Min(writer.Compacted, hub.Distributed);
        var worthwhile = Math.Max(Math.Min(MinDroppedBytes, 2 * options.SegmentBytes), writer.LiveBytes / 2);
        if (log.BytesBefore(revision) < (writer.IsFull ? 1 : worthwhile))
        {
            return;
        }

        var (state, first) = (writer.State, log.FirstSequenceHolding(revision));
        var name = SnapshotFile.NameOf(revision);
        try
        {
            using (var file = files.Open(SnapshotFile.TemporaryName))
            {
                var header = new FileHeader(storeId, revision, revision, first);
                await Task.Run(() => SnapshotFile.Write(file, header, state, leases.Export(), stop.Token), stop.Token);
            }
        }
        catch (NoSpaceException exception)
        {
            files.Delete(SnapshotFile.TemporaryName);
            LogNoRoomForSnapshot(options.Logger, exception);
            return;
        }

        files.Rename(SnapshotFile.TemporaryName, name);
        files.FlushDirectory();
        foreach (var old in files.List().Where(file => IsSnapshot(file) && file != name))
        {
            files.Delete(old);
        }

        log.DropBefore(first);
        SnapshotBytes = SnapshotsOnDisk();
        LogSnapshot(options.Logger, revision, SnapshotBytes);
    }

    private long SnapshotsOnDisk()
    {
        var bytes = 0L;
        foreach (var name in files.List().Where(IsSnapshot))
        {
            using var file = files.Open(name);
            bytes += file.Length;
        }

        return bytes;
    }

    private static bool IsSnapshot(string name) => name.StartsWith("snapshot-", StringComparison.Ordinal);

    [LoggerMessage(LogLevel.Debug, "Wrote a snapshot as of revision {Revision}, {Bytes} bytes")]
    private static partial void LogSnapshot(ILogger logger, long revision, long bytes);

    [LoggerMessage(LogLevel.Warning, "There is no room for a snapshot; the log is kept")]
    private static partial void LogNoRoomForSnapshot(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Housekeeping of the store failed; it is tried again")]
    private static partial void LogRoundFailed(ILogger logger, Exception exception);
}
