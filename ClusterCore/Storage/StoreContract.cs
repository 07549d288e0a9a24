namespace Flotilla.ClusterCore.Storage;

/// <summary>One key as of a revision. Two are equal when their bytes and numbers are.</summary>
public sealed record KeyValue(
    ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version, long Lease)
{
    /// <summary>The embedded engine's chain of versions, newest first; cut by compaction.</summary>
    internal KeyValue? Older { get; set; }

    /// <summary>Marks the key as deleted at <see cref="ModRevision"/>.</summary>
    internal bool IsTombstone => Version == 0;

    public bool Equals(KeyValue? other) =>
        other is not null && CreateRevision == other.CreateRevision && ModRevision == other.ModRevision &&
        Version == other.Version && Lease == other.Lease &&
        Key.Span.SequenceEqual(other.Key.Span) && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode() => HashCode.Combine(ModRevision, Version, Key.Length, Value.Length);
}

/// <summary>
/// A half-open range of keys. <c>End</c> empty: exactly <c>Start</c>. <see cref="Prefix"/> gives the range of a prefix.
/// </summary>
public readonly record struct KeyRange(ReadOnlyMemory<byte> Start, ReadOnlyMemory<byte> End)
{
    public static KeyRange One(ReadOnlyMemory<byte> key) => new(key, default);

    /// <summary>etcd's rule: the end of a prefix is the prefix with its last byte that is not 0xff raised by one.</summary>
    public static KeyRange Prefix(ReadOnlyMemory<byte> prefix)
    {
        var end = prefix.ToArray();
        for (var i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] < 0xff)
            {
                end[i]++;
                return new(prefix, end.AsMemory(0, i + 1));
            }
        }

        return new(prefix.IsEmpty ? new byte[] { 0 } : prefix, new byte[] { 0 });
    }

    /// <summary>etcd's rule: an end of one zero byte means every key from the start on.</summary>
    public bool IsOpenEnded => End.Length == 1 && End.Span[0] == 0;

    public bool Contains(ReadOnlySpan<byte> key) =>
        End.IsEmpty
            ? key.SequenceEqual(Start.Span)
            : key.SequenceCompareTo(Start.Span) >= 0 && (IsOpenEnded || key.SequenceCompareTo(End.Span) < 0);
}

/// <param name="Revision">0 reads the newest.</param>
/// <param name="Limit">0 is no limit.</param>
/// <param name="Linearizable">False lets the engine answer from what it has without asking a quorum.</param>
public sealed record RangeRequest(
    KeyRange Range, long Revision = 0, long Limit = 0, bool CountOnly = false, bool KeysOnly = false, bool Linearizable = true);

/// <param name="Revision">The store's revision when it answered (not the one asked for).</param>
/// <param name="Count">All keys in the range at that revision, whatever the limit.</param>
/// <param name="Compacted">The asked revision is older than the last compaction; nothing was read.</param>
/// <param name="Future">The asked revision has not happened yet; nothing was read.</param>
public sealed record RangeResult(
    long Revision, IReadOnlyList<KeyValue> KeyValues, long Count, bool More, bool Compacted = false, bool Future = false);

public enum CompareTarget { Value, CreateRevision, ModRevision, Version, Lease }

public enum CompareOperator { Equal, NotEqual, Less, Greater }

/// <summary>A condition on one key (or, as in etcd, on every key of a range). A missing key has zeros everywhere.</summary>
public sealed record Compare(
    KeyRange Range, CompareTarget Target, CompareOperator Operator, long Number = 0, ReadOnlyMemory<byte> Value = default);

public abstract record StoreOperation
{
    private StoreOperation()
    {
    }

    /// <param name="StampAt">
    /// 0 or more: at commit the store inserts the decimal digits of the transaction's revision into the value at this offset,
    /// so that an API object is stored, read and watched with its resourceVersion in it and nobody parses it again.
    /// Reads and watches always give the stamped bytes. -1: no stamp.
    /// </param>
    public sealed record Put(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, long Lease = 0, int StampAt = -1) : StoreOperation;

    public sealed record Delete(KeyRange Range) : StoreOperation;

    public sealed record Read(RangeRequest Request) : StoreOperation;
}

public sealed record TxnRequest(
    IReadOnlyList<Compare> Compares, IReadOnlyList<StoreOperation> Success, IReadOnlyList<StoreOperation> Failure);

/// <summary>One per operation of the branch that ran, in its order.</summary>
public abstract record OperationResult
{
    private OperationResult()
    {
    }

    public sealed record Put(KeyValue Stored, KeyValue? Previous) : OperationResult;

    public sealed record Delete(IReadOnlyList<KeyValue> Previous) : OperationResult;

    public sealed record Read(RangeResult Result) : OperationResult;
}

/// <summary>What became of a transaction; anything but <see cref="Done"/> changed nothing.</summary>
public enum TxnOutcome { Done, LeaseNotFound, DuplicateKey, NoSpace, Compacted, Future, TooLarge }

/// <param name="Succeeded">Which branch ran.</param>
public sealed record TxnResult(
    TxnOutcome Outcome, long Revision, bool Succeeded, IReadOnlyList<OperationResult> Results, string? Message = null);

/// <param name="FromRevision">The first revision wanted; 0 starts after the newest.</param>
/// <param name="ProgressNotify">Also send empty batches that say how far the watch has got, when there is nothing else.</param>
public sealed record WatchRequest(KeyRange Range, long FromRevision = 0, bool PreviousValues = false, bool ProgressNotify = false);

public enum StoreEventKind { Put, Delete }

/// <param name="KeyValue">For a delete: the key with the revision of the delete, without a value.</param>
public sealed record StoreEvent(StoreEventKind Kind, KeyValue KeyValue, KeyValue? Previous);

/// <param name="Revision">Everything up to and including it has been delivered.</param>
/// <param name="CompactedAt">Not 0: the watch has ended, what it asked for was compacted at this revision.</param>
public sealed record WatchBatch(long Revision, IReadOnlyList<StoreEvent> Events, long CompactedAt = 0);

public enum CompactResult { Done, AlreadyCompacted, Future }

public enum LeaseOutcome { Done, NotFound, AlreadyExists, NoSpace }

public sealed record LeaseResult(LeaseOutcome Outcome, long Id, TimeSpan TimeToLive);

/// <param name="Keys">The keys that die with the lease.</param>
public sealed record LeaseStatus(
    long Id, TimeSpan GrantedTimeToLive, TimeSpan Remaining, IReadOnlyList<ReadOnlyMemory<byte>> Keys);
