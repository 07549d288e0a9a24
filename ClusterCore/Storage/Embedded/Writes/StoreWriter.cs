using System.Diagnostics;
using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Leases;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Embedded.Watch;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>
/// Changes the store, one batch at a time. Whatever waits when the writer's thread comes round is one batch: applied to a copy,
/// appended and flushed once, then published and acknowledged. A batch that cannot be made durable was never there.
/// </summary>
/// <remarks>
/// While writes come one by one and the disk is quick, the caller's own thread makes them: handing a write over to another
/// thread and its answer back costs more than the write.
/// </remarks>
internal sealed partial class StoreWriter : IDisposable
{
    /// <summary>A caller's thread is not to wait for longer.</summary>
    private static readonly TimeSpan quick = TimeSpan.FromMilliseconds(1);

    /// <summary>Held by who makes a batch.</summary>
    private readonly Lock turn = new();
    private readonly List<PendingWrite> batch = [];
    private readonly StoreLog log;
    private readonly LeaseTable leases;
    private readonly History history;
    private readonly DiskReserve reserve;
    private readonly Action published;
    private readonly ILogger logger;
    private readonly long quotaBytes;
    private readonly WriteQueue queue = new();
    private readonly LogBuffer buffer = new();
    private readonly Thread thread;
    private volatile StoreState state;
    private long compacted;
    private long liveBytes;
    private long edits = Recovery.RecoveredState.Edit;
    private volatile bool full;
    private volatile bool oneByOne;
    private volatile Exception? failure;

    public StoreWriter(
        StoreLog log, StoreState state, long compacted, long liveBytes, LeaseTable leases, History history,
        DiskReserve reserve, EmbeddedStoreOptions options, Action published)
    {
        this.log = log;
        this.state = state;
        this.compacted = compacted;
        this.liveBytes = liveBytes;
        this.leases = leases;
        this.history = history;
        this.reserve = reserve;
        this.published = published;
        logger = options.Logger;
        quotaBytes = options.QuotaBytes;
        thread = new(Run, 512 * 1024) { IsBackground = true, Name = "store writer" };
    }

    public StoreState State => state;

    public long Compacted => Volatile.Read(ref compacted);

    /// <summary>Bytes of the newest versions of all keys.</summary>
    public long LiveBytes => Volatile.Read(ref liveBytes);

    public bool IsFull => full;

    /// <summary>Why no write can be made any more; null while all is well.</summary>
    public Exception? Failure => failure;

    public void Start()
    {
        full = !reserve.TryTake();
        thread.Start();
    }

    public async ValueTask<TResult> WriteAsync<TResult>(PendingWrite<TResult> write, CancellationToken cancellationToken)
    {
        await queue.TakeSlotAsync(cancellationToken);
        try
        {
            return TryWriteHere(write) ? await write.Completion : await Post(write);
        }
        finally
        {
            queue.ReturnSlot();
        }
    }

    /// <summary>For the store's own writes, of which there are few: takes no slot.</summary>
    public Task<TResult> Post<TResult>(PendingWrite<TResult> write)
    {
        if (!queue.TryAdd(write))
        {
            write.Fail(new StoreUnavailableException("the store is closed"));
        }

        return write.Completion;
    }

    /// <summary>Looks whether there is room on the disk again.</summary>
    public void ProbeSpace()
    {
        if (full && reserve.TryTake())
        {
            full = false;
            LogSpaceIsBack(logger);
        }
    }

    public void Dispose()
    {
        queue.Close();
        if (thread.IsAlive)
        {
            thread.Join();
        }

        // Another thread may still be writing; none begins to after the closing.
        lock (turn)
        {
        }
    }

    private void Run()
    {
        while (queue.Wait())
        {
            lock (turn)
            {
                queue.TakeBatch(batch);
                Write();
            }
        }
    }

    /// <returns>False when it has to wait for its turn.</returns>
    private bool TryWriteHere(PendingWrite write)
    {
        if (!oneByOne || write.Alone || turn.IsHeldByCurrentThread || !turn.TryEnter())
        {
            return false;
        }

        try
        {
            if (!queue.IsOpenAndEmpty)
            {
                return false;
            }

            batch.Add(write);
            Write();
            return true;
        }
        finally
        {
            turn.Exit();
        }
    }

    private void Write()
    {
        var (count, begin) = (batch.Count, Stopwatch.GetTimestamp());
        _ = batch.RemoveAll(static write => write.TryCancel());
        if (failure is null)
        {
            Commit(batch);
        }
        else
        {
            Fail(batch);
        }

        batch.Clear();
        oneByOne = count == 1 && Stopwatch.GetElapsedTime(begin) < quick;
    }

    private void Commit(List<PendingWrite> writes)
    {
        try
        {
            if (!TryCommit(writes, full || LiveBytes + history.SupersededBytes > quotaBytes))
            {
                full = true;
                LogDiskIsFull(logger);
                if (!TryCommit(writes, refusing: true) && !(reserve.TryGiveUp() && TryCommit(writes, refusing: true)))
                {
                    writes.ForEach(write => write.Refuse(state.Revision));
                }
            }
        }
        catch (Exception exception)
        {
            LogWriterStopped(logger, exception);
            failure = new StoreUnavailableException(
                $"the store stopped writing ({exception.Message}); restart it to recover what is on the disk", exception);
            Fail(writes);
        }
    }

    /// <returns>False when there was no room, and nothing happened.</returns>
    private bool TryCommit(List<PendingWrite> writes, bool refusing)
    {
        buffer.Clear();
        var batch = new StoreBatch(state, ++edits, leases, buffer, compacted, refusing);
        foreach (var write in writes)
        {
            write.Apply(batch);
        }

        if (!buffer.IsEmpty)
        {
            try
            {
                log.Append(buffer, batch.Revision, batch.Compacted);
            }
            catch (NoSpaceException)
            {
                return false;
            }
        }

        Publish(batch);
        writes.ForEach(static write => write.Complete());
        published();
        return true;
    }

    private void Publish(StoreBatch batch)
    {
        batch.Granted.ForEach(lease => leases.Grant(lease.Id, lease.TimeToLive));
        var bytes = 0L;
        foreach (var change in batch.Changes)
        {
            leases.Follow(change);
            bytes += History.LiveSizeOf(change) - History.LiveSizeOf(change.Older);
        }

        batch.Revoked.ForEach(leases.Remove);
        history.Append(batch.Changes);
        if (batch.Compacted != compacted)
        {
            history.RaiseFloor(batch.Compacted);
            Volatile.Write(ref compacted, batch.Compacted);
        }

        Volatile.Write(ref liveBytes, liveBytes + bytes);
        state = batch.State;
    }

    private void Fail(List<PendingWrite> writes) => writes.ForEach(write => write.Fail(failure!));

    [LoggerMessage(LogLevel.Error, "The store's disk is full: writes are refused until there is room")]
    private static partial void LogDiskIsFull(ILogger logger);

    [LoggerMessage(LogLevel.Information, "There is room on the store's disk again")]
    private static partial void LogSpaceIsBack(ILogger logger);

    [LoggerMessage(LogLevel.Critical, "The store stopped writing")]
    private static partial void LogWriterStopped(ILogger logger, Exception exception);
}
