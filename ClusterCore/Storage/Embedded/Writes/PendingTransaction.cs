namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

internal sealed class PendingTransaction(TxnRequest request, CancellationToken cancellationToken)
    : PendingWrite<TxnResult>(cancellationToken)
{
    private const string NoSpaceMessage = "the store's disk or quota is full: only reads and deletes are possible until there is room";

    public override void Apply(StoreBatch batch)
    {
        var state = batch.State;
        var succeeded = request.Compares.All(compare => Comparison.Holds(state, compare));
        var branch = succeeded ? request.Success : request.Failure;
        Outcome = Refusal(batch, state, branch, succeeded) ?? Run(batch, branch, succeeded);
    }

    protected override TxnResult Refusal(long revision) => new(TxnOutcome.NoSpace, revision, false, [], NoSpaceMessage);

    private TxnResult? Refusal(StoreBatch batch, StoreState state, IReadOnlyList<StoreOperation> branch, bool succeeded)
    {
        foreach (var operation in branch)
        {
            TxnOutcome? outcome = operation switch
            {
                StoreOperation.Put when batch.Refusing => TxnOutcome.NoSpace,
                StoreOperation.Put { Lease: not 0 and var lease } when !batch.HasLease(lease) => TxnOutcome.LeaseNotFound,
                StoreOperation.Read { Request.Revision: var revision } when revision > state.Revision => TxnOutcome.Future,
                StoreOperation.Read { Request.Revision: > 0 and var revision } when revision < batch.Compacted => TxnOutcome.Compacted,
                _ => null,
            };
            if (outcome is { } refused)
            {
                return new(refused, batch.Revision, succeeded, [], refused == TxnOutcome.NoSpace ? NoSpaceMessage : null);
            }
        }

        return null;
    }

    private static TxnResult Run(StoreBatch batch, IReadOnlyList<StoreOperation> branch, bool succeeded)
    {
        var revision = batch.Revision + 1;
        var changes = new List<KeyValue>(branch.Count);
        var results = new OperationResult[branch.Count];
        for (var i = 0; i < branch.Count; i++)
        {
            results[i] = Run(batch, branch[i], revision, changes);
        }

        if (changes.Count > 0)
        {
            batch.Commit(revision, changes);
        }

        return new(TxnOutcome.Done, batch.Revision, succeeded, results);
    }

    private static OperationResult Run(StoreBatch batch, StoreOperation operation, long revision, List<KeyValue> changes)
    {
        switch (operation)
        {
            case StoreOperation.Put put:
                var stored = batch.Put(put.Key.Span, put.Value.Span, put.Lease, put.StampAt, revision, changes);
                return new OperationResult.Put(stored, stored.Older is { IsTombstone: false } older ? older : null);
            case StoreOperation.Delete delete:
                var doomed = StoreReader.Read(batch.State, new(delete.Range), 0).KeyValues;
                foreach (var item in doomed)
                {
                    batch.Delete(item, revision, changes);
                }

                return new OperationResult.Delete(doomed);
            case StoreOperation.Read read:
                // A transaction sees its own writes: its state counts as the revision it is about to have.
                var state = changes.Count > 0 ? batch.State with { Revision = revision } : batch.State;
                return new OperationResult.Read(StoreReader.Read(state, read.Request, batch.Compacted));
            default:
                throw new InvalidOperationException($"unknown operation {operation.GetType()}");
        }
    }
}
