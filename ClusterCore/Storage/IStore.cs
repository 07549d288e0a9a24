namespace Flotilla.ClusterCore.Storage;

/// <summary>
/// The revisioned key-value store a cluster keeps everything in: etcd's data model behind one interface, with two engines
/// (embedded, and real etcd members).
/// </summary>
/// <remarks>
/// <para>One revision counter for the whole store; every transaction that changes something takes the next one. A worked
/// example, from an empty store at revision 1:</para>
/// <code>
/// Txn[Put a=1]               -> revision 2; a = (create 2, mod 2, version 1)
/// Txn[Put a=2, Put b=1]      -> revision 3; a = (create 2, mod 3, version 2), b = (create 3, mod 3, version 1)
/// Txn[Delete a]              -> revision 4; a is gone, Range(a, at 3) still answers a=2 until a compaction at 4
/// Watch(prefix "", from 3)   -> [Put a=2, Put b=1 @3], [Delete a (previous a=2) @4]
/// </code>
/// <para>A write is acknowledged, and shown to any reader or watcher, only when it is on disk.</para>
/// </remarks>
public interface IStore : IAsyncDisposable
{
    /// <summary>The newest revision this process knows to be durable.</summary>
    long Revision { get; }

    /// <summary>Reads and watches from before this revision are refused; 0 when nothing was compacted yet.</summary>
    long CompactedRevision { get; }

    /// <summary>Reads a key, a prefix or a range, at the newest or an older revision.</summary>
    ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken);

    /// <summary>Runs one branch of a transaction, atomically, in one revision.</summary>
    ValueTask<TxnResult> TxnAsync(TxnRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Streams changes in order, without gaps or duplicates, a batch per revision or more; ends with
    /// <see cref="WatchBatch.CompactedAt"/> set when the asked revision is gone.
    /// </summary>
    IAsyncEnumerable<WatchBatch> WatchAsync(WatchRequest request, CancellationToken cancellationToken);

    /// <summary>Forgets what was superseded before <paramref name="revision"/>.</summary>
    ValueTask<CompactResult> CompactAsync(long revision, CancellationToken cancellationToken);

    /// <summary>Makes a lease; <paramref name="id"/> 0 lets the store choose one. Keys attached to it die with it.</summary>
    ValueTask<LeaseResult> GrantLeaseAsync(long id, TimeSpan timeToLive, CancellationToken cancellationToken);

    ValueTask<LeaseResult> KeepLeaseAliveAsync(long id, CancellationToken cancellationToken);

    ValueTask<LeaseResult> RevokeLeaseAsync(long id, CancellationToken cancellationToken);

    /// <returns>Null when there is no such lease.</returns>
    ValueTask<LeaseStatus?> FindLeaseAsync(long id, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<long>> ListLeasesAsync(CancellationToken cancellationToken);

    /// <summary>Asks that every watch with <see cref="WatchRequest.ProgressNotify"/> is soon told how far it has got.</summary>
    ValueTask RequestProgressAsync(CancellationToken cancellationToken);
}
