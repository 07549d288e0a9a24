using Flotilla.ClusterCore.Storage.Embedded.Watch;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>Forbids reads and watches from before a revision; the memory is freed by <see cref="PendingTrim"/>.</summary>
internal sealed class PendingCompaction(long revision) : PendingWrite<CompactResult>
{
    public override void Apply(StoreBatch batch)
    {
        if (revision <= batch.Compacted)
        {
            Outcome = CompactResult.AlreadyCompacted;
            return;
        }

        if (revision > batch.Revision)
        {
            Outcome = CompactResult.Future;
            return;
        }

        batch.Compacted = revision;
        batch.Log.WriteCompaction(revision);
        Outcome = CompactResult.Done;
    }

    /// <summary>Compaction frees room and takes almost none: it is only refused when even that is not there.</summary>
    protected override CompactResult Refusal(long revision) => CompactResult.Future;
}

/// <summary>Frees a little of what compaction has forbidden: its answer says whether all of it is freed.</summary>
internal sealed class PendingTrim(History history, Func<long> upTo) : PendingWrite<bool>
{
    private const int Step = 2_000;
    private readonly List<KeyValue> tombstones = [];

    public override bool Alone => true;

    public override void Apply(StoreBatch batch)
    {
        tombstones.Clear();
        Outcome = history.Trim(upTo(), Step, tombstones);
        batch.Forget(tombstones);
    }

    protected override bool Refusal(long revision) => true;
}
