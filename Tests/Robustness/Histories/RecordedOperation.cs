using Flotilla.ClusterCore.Storage;

namespace Flotilla.Robustness.Histories;

/// <summary>One operation of one client, from call to answer, on one clock.</summary>
/// <param name="Txn">Null for a plain read.</param>
/// <param name="Result">Null when the outcome is not known.</param>
internal sealed record RecordedOperation(
    long Called, long Answered, TxnRequest? Txn, TxnResult? Result, RangeRequest? Range, RangeResult? Read)
{
    public long? Revision => Result?.Revision ?? Read?.Revision;

    public bool Changed => Result is { Outcome: TxnOutcome.Done } result && result.Results.Any(static part =>
        part is OperationResult.Put or OperationResult.Delete { Previous.Count: > 0 });
}
