namespace Flotilla.ClusterCore.Storage.Embedded.Log;

/// <summary>The first byte of a record in a frame's payload.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>Format, store id, revision, compacted revision, first log sequence wanted: opens every file.</summary>
    Header = 1,

    /// <summary>Revision, number of changes, changes.</summary>
    Transaction = 2,

    /// <summary>Id, time to live in milliseconds.</summary>
    LeaseGrant = 3,

    /// <summary>Id; the deletions it caused are the transaction before it.</summary>
    LeaseRevoke = 4,

    /// <summary>Revision.</summary>
    Compaction = 5,

    /// <summary>Snapshots: one key with all its numbers.</summary>
    Key = 6,

    /// <summary>Snapshots: number of keys; a snapshot without it was not finished.</summary>
    End = 7,
}

/// <param name="FirstSequence">Snapshots: the log from this frame on completes it; 0 when it stands alone.</param>
internal sealed record FileHeader(long StoreId, long Revision, long Compacted, long FirstSequence)
{
    public const int Format = 1;
}
