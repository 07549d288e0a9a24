using Flotilla.ClusterCore.Storage.Embedded.Index;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Embedded.Snapshots;
using Flotilla.ClusterCore.Storage.Embedded.Watch;

namespace Flotilla.ClusterCore.Storage.Embedded.Recovery;

/// <summary>What a store looked like, rebuilt change by change.</summary>
internal sealed class RecoveredState
{
    /// <summary>The edit that made the recovered nodes; a batch must have a later one, or it would change them in place.</summary>
    public const long Edit = 1;
    private readonly List<KeyValue> changes = [];
    private KeyTreeEditor editor = new(StoreState.Empty.Root, Edit);
    private long snapshotRevision;

    public long Revision { get; private set; } = StoreState.Empty.Revision;

    public long Compacted { get; private set; }

    public long LiveBytes { get; private set; }

    public long Keys => editor.Root.Live;

    public Dictionary<long, TimeSpan> Leases { get; } = [];

    public History History { get; } = new();

    public StoreState Store => new(editor.Root, Revision);

    public void Begin(SnapshotContent snapshot)
    {
        editor = new(snapshot.State.Root, Edit);
        snapshotRevision = Revision = snapshot.Header.Revision;
        Compacted = Math.Max(snapshot.Header.Compacted, snapshot.Header.Revision);
        LiveBytes = snapshot.Bytes;
        foreach (var (id, timeToLive) in snapshot.Leases)
        {
            Leases[id] = timeToLive;
        }

        // A backup knows what the store was, not what its last transaction changed: nobody can watch from there.
        History.RaiseFloor(snapshot.Header.FirstSequence == 0 ? snapshot.Header.Revision + 1 : Compacted);
    }

    public void Compact(long revision)
    {
        Compacted = Math.Max(Compacted, revision);
        History.RaiseFloor(revision);
    }

    public void Replay(ref LogRecordReader records)
    {
        var revision = records.Number();
        changes.Clear();
        for (var count = records.Number(); count > 0; count--)
        {
            Replay(records.Change(revision));
        }

        if (revision >= snapshotRevision && changes.Count > 0)
        {
            History.Append(changes);
            Revision = revision;
        }
    }

    /// <summary>Brings everything into the shape a running store would have at this point.</summary>
    public void Finish()
    {
        var tombstones = new List<KeyValue>();
        _ = History.Trim(Compacted, int.MaxValue, tombstones);
        foreach (var tombstone in tombstones)
        {
            if (ReferenceEquals(KeyTreeReader.Find(editor.Root, tombstone.Key.Span), tombstone))
            {
                editor.Remove(tombstone.Key.Span);
            }
        }
    }

    private void Replay(KeyValue change)
    {
        if (change.ModRevision < snapshotRevision)
        {
            return;
        }

        var older = KeyTreeReader.Find(editor.Root, change.Key.Span);
        if (change.ModRevision == snapshotRevision)
        {
            // The snapshot has it; a watch may still begin at its very revision.
            changes.Add(older is not null && older.Equals(change) ? older : change);
            return;
        }

        change.Older = older;
        LiveBytes += History.LiveSizeOf(change) - History.LiveSizeOf(older);
        editor.Set(change);
        changes.Add(change);
    }
}
