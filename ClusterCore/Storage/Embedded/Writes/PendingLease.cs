namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

internal sealed class PendingGrant(long id, TimeSpan timeToLive) : PendingWrite<LeaseResult>
{
    public override void Apply(StoreBatch batch)
    {
        if (batch.Refusing)
        {
            Outcome = Refusal(batch.Revision);
            return;
        }

        if (batch.HasLease(id))
        {
            Outcome = new(LeaseOutcome.AlreadyExists, id, default);
            return;
        }

        batch.Granted.Add((id, timeToLive));
        batch.Log.WriteGrant(id, timeToLive);
        Outcome = new(LeaseOutcome.Done, id, timeToLive);
    }

    protected override LeaseResult Refusal(long revision) => new(LeaseOutcome.NoSpace, id, default);
}

internal sealed class PendingRevoke(long id) : PendingWrite<LeaseResult>
{
    /// <summary>The lease's keys are known only of what is durable.</summary>
    public override bool Alone => true;

    public override void Apply(StoreBatch batch)
    {
        if (!batch.HasLease(id))
        {
            Outcome = new(LeaseOutcome.NotFound, id, default);
            return;
        }

        var (revision, changes) = (batch.Revision + 1, new List<KeyValue>());
        foreach (var key in batch.KeysOf(id))
        {
            if (batch.Find(key.Span) is { } item)
            {
                batch.Delete(item, revision, changes);
            }
        }

        if (changes.Count > 0)
        {
            batch.Commit(revision, changes);
        }

        batch.Revoked.Add(id);
        batch.Log.WriteRevoke(id);
        Outcome = new(LeaseOutcome.Done, id, default);
    }

    protected override LeaseResult Refusal(long revision) => new(LeaseOutcome.NoSpace, id, default);
}
