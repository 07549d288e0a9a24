using Flotilla.ClusterCore.Storage.Embedded.Index;
using Flotilla.ClusterCore.Storage.Embedded.Leases;
using Flotilla.ClusterCore.Storage.Embedded.Log;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>What a batch of writes has changed so far; seen by nobody until it is durable.</summary>
/// <param name="refusing">The disk is full: what would need more room is refused.</param>
internal sealed class StoreBatch(StoreState before, long edit, LeaseTable leases, LogBuffer log, long compacted, bool refusing)
{
    private readonly KeyTreeEditor editor = new(before.Root, edit);

    public long Revision { get; private set; } = before.Revision;

    public long Compacted { get; set; } = compacted;

    public bool Refusing { get; } = refusing;

    public LogBuffer Log { get; } = log;

    /// <summary>In order of revision.</summary>
    public List<KeyValue> Changes { get; } = [];

    public List<(long Id, TimeSpan TimeToLive)> Granted { get; } = [];

    public List<long> Revoked { get; } = [];

    public StoreState State => new(editor.Root, Revision);

    public bool HasLease(long id) => leases.Contains(id) || Granted.Exists(lease => lease.Id == id);

    public IReadOnlyList<ReadOnlyMemory<byte>> KeysOf(long lease) => leases.Keys(lease);

    public KeyValue? Find(ReadOnlySpan<byte> key) =>
        KeyTreeReader.Find(editor.Root, key) is { IsTombstone: false } found ? found : null;

    /// <summary>Puts a version of <paramref name="key"/> that the transaction of <paramref name="revision"/> made.</summary>
    public KeyValue Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long lease, int stampAt, long revision, List<KeyValue> changes)
    {
        var older = KeyTreeReader.Find(editor.Root, key);
        var alive = older is { IsTombstone: false };
        var bytes = StoredBytes.Join(key, value, stampAt, revision);
        var version = new KeyValue(
            bytes.AsMemory(0, key.Length), bytes.AsMemory(key.Length),
            alive ? older!.CreateRevision : revision, revision, alive ? older!.Version + 1 : 1, lease)
        { Older = older };
        Apply(version, changes);
        return version;
    }

    public void Delete(KeyValue alive, long revision, List<KeyValue> changes) =>
        Apply(new(alive.Key.ToArray(), default, 0, revision, 0, 0) { Older = alive }, changes);

    /// <summary>Closes a transaction that changed something.</summary>
    public void Commit(long revision, List<KeyValue> changes)
    {
        Revision = revision;
        Log.WriteTransaction(revision, changes);
        Changes.AddRange(changes);
    }

    /// <summary>Drops keys whose newest version is one of these.</summary>
    public void Forget(List<KeyValue> tombstones)
    {
        foreach (var tombstone in tombstones)
        {
            if (ReferenceEquals(KeyTreeReader.Find(editor.Root, tombstone.Key.Span), tombstone))
            {
                editor.Remove(tombstone.Key.Span);
            }
        }
    }

    private void Apply(KeyValue version, List<KeyValue> changes)
    {
        editor.Set(version);
        changes.Add(version);
    }
}
