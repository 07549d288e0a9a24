using System.Security.Cryptography;
using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Leases;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Embedded.Recovery;
using Flotilla.ClusterCore.Storage.Embedded.Snapshots;
using Flotilla.ClusterCore.Storage.Embedded.Watch;
using Flotilla.ClusterCore.Storage.Embedded.Writes;

namespace Flotilla.ClusterCore.Storage.Embedded;

/// <summary>The store in process: an index in memory, a log and snapshots in one directory.</summary>
public sealed class EmbeddedStore : IStore
{
    private readonly IStoreFiles files;
    private readonly EmbeddedStoreOptions options;
    private readonly StoreLog log;
    private readonly History history;
    private readonly LeaseTable leases;
    private readonly StoreWriter writer;
    private readonly WatchHub hub;
    private readonly Housekeeping housekeeping;
    private readonly LeaseExpiry expiry;
    private BackupSocket? backups;
    private int closed;

    private EmbeddedStore(IStoreFiles files, EmbeddedStoreOptions options, StoreRecovery recovery)
    {
        this.files = files;
        this.options = options;
        StoreId = recovery.Header.StoreId;
        history = recovery.State.History;
        leases = new(options.Clock);
        foreach (var (id, timeToLive) in recovery.State.Leases)
        {
            leases.Grant(id, timeToLive);
        }

        leases.Adopt(recovery.State.Store);
        log = new(files, StoreId, options.SegmentBytes);
        log.Adopt(recovery.Segments, recovery.NextSequence);
        writer = new(
            log, recovery.State.Store, recovery.State.Compacted, recovery.State.LiveBytes, leases, history, new(files), options, OnPublished);
        hub = new(history, () => Revision, () => CompactedRevision);
        expiry = new(leases, writer, options.Clock);
        housekeeping = new(files, log, history, leases, writer, hub, StoreId, options);
    }

    /// <summary>Random, chosen when the directory was first used.</summary>
    public long StoreId { get; }

    public long Revision => writer.State.Revision;

    public long CompactedRevision => writer.Compacted;

    /// <summary>Bytes of log and snapshot in the directory.</summary>
    public long DiskBytes => housekeeping.SnapshotBytes + log.Length;

    /// <summary>Bytes of the newest versions, and of the superseded ones still held.</summary>
    public long MemoryBytes => writer.LiveBytes + history.SupersededBytes;

    /// <summary>Writes other than deletions are refused: the disk is full.</summary>
    public bool IsFull => writer.IsFull;

    /// <summary>Why the store makes no more writes; null while all is well.</summary>
    public Exception? Failure => writer.Failure;

    /// <exception cref="StoreLockedException">Another process has the directory open.</exception>
    /// <exception cref="StoreCorruptException">A file does not hold what was once written to it.</exception>
    public static Task<EmbeddedStore> OpenAsync(EmbeddedStoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Task.Run(() => Open(options), cancellationToken);
    }

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var result = StoreReader.Read(writer.State, request, CompactedRevision);

        // A compaction that came meanwhile may have cut versions from under an old read.
        return new(request.Revision > 0 && request.Revision < CompactedRevision && request.Revision <= result.Revision
            ? new(result.Revision, [], 0, More: false, Compacted: true)
            : result);
    }

    public ValueTask<TxnResult> TxnAsync(TxnRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return TransactionCheck.Refusal(request, options.MaxTransactionBytes) is var (outcome, message)
            ? new(new TxnResult(outcome, Revision, false, [], message))
            : writer.WriteAsync(new PendingTransaction(request, cancellationToken), cancellationToken);
    }

    public IAsyncEnumerable<WatchBatch> WatchAsync(WatchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return hub.WatchAsync(request, cancellationToken);
    }

    public async ValueTask<CompactResult> CompactAsync(long revision, CancellationToken cancellationToken)
    {
        var result = await writer.WriteAsync(new PendingCompaction(revision), cancellationToken);
        housekeeping.Wake();
        return result;
    }

    public async ValueTask<LeaseResult> GrantLeaseAsync(long id, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var chosen = id != 0 ? id : BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue;
        var result = await writer.WriteAsync(new PendingGrant(chosen, timeToLive), cancellationToken);
        expiry.Look();
        return result;
    }

    public ValueTask<LeaseResult> KeepLeaseAliveAsync(long id, CancellationToken cancellationToken) =>
        new(leases.KeepAlive(id) is { } timeToLive
            ? new LeaseResult(LeaseOutcome.Done, id, timeToLive)
            : new LeaseResult(LeaseOutcome.NotFound, id, default));

    public ValueTask<LeaseResult> RevokeLeaseAsync(long id, CancellationToken cancellationToken) =>
        writer.WriteAsync(new PendingRevoke(id), cancellationToken);

    public ValueTask<LeaseStatus?> FindLeaseAsync(long id, CancellationToken cancellationToken) => new(leases.Find(id));

    public ValueTask<IReadOnlyList<long>> ListLeasesAsync(CancellationToken cancellationToken) => new(leases.List());

    public ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        hub.RequestProgress();
        return default;
    }

    /// <summary>Writes the store as of now, with its checksums; readers and writers go on.</summary>
    /// <returns>The revision the backup has.</returns>
    public async Task<long> BackUpAsync(Stream stream, CancellationToken cancellationToken)
    {
        var state = writer.State;
        await Task.Run(
            () => SnapshotFile.Write(
                stream.Write, new(StoreId, state.Revision, state.Revision, 0), state, leases.Export(), cancellationToken),
            cancellationToken);
        return state.Revision;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
        {
            return;
        }

        if (backups is not null)
        {
            await backups.DisposeAsync();
        }

        await expiry.DisposeAsync();
        await housekeeping.DisposeAsync();
        writer.Dispose();
        log.Dispose();
        files.Dispose();
    }

    private static EmbeddedStore Open(EmbeddedStoreOptions options)
    {
        var opened = options.OpenFiles(options.Directory);
        try
        {
            if (opened.Exists(SnapshotFile.TemporaryName))
            {
                opened.Delete(SnapshotFile.TemporaryName);
            }

            var recovery = new StoreRecovery(opened);
            recovery.Run(cutTornTail: true);
            var store = new EmbeddedStore(opened, options, recovery);
            store.writer.Start();
            store.expiry.Look();
            store.backups = opened.Directory is { } directory ? BackupSocket.Listen(directory, store.BackUpAsync, options.Logger) : null;
            return store;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private void OnPublished()
    {
        hub.Signal();
        housekeeping.OnPublished();
    }
}
