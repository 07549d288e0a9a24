namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>What can be refused without looking at the store.</summary>
internal static class TransactionCheck
{
    /// <returns>Null when the transaction can be tried.</returns>
    public static (TxnOutcome Outcome, string Message)? Refusal(TxnRequest request, int maxBytes)
    {
        if (Size(request.Success) + Size(request.Failure) is var size && size > maxBytes)
        {
            return (TxnOutcome.TooLarge, $"the transaction has {size} bytes, the limit is {maxBytes}");
        }

        CheckStamps(request.Success);
        CheckStamps(request.Failure);
        return HasDuplicate(request.Success) || HasDuplicate(request.Failure)
            ? (TxnOutcome.DuplicateKey, "duplicate key given in txn request")
            : null;
    }

    private static void CheckStamps(IReadOnlyList<StoreOperation> operations)
    {
        foreach (var put in operations.OfType<StoreOperation.Put>())
        {
            if (put.StampAt > put.Value.Length)
            {
                throw new ArgumentException($"a stamp at {put.StampAt} is outside of a value of {put.Value.Length} bytes", nameof(operations));
            }
        }
    }

    private static long Size(IReadOnlyList<StoreOperation> operations) =>
        operations.Sum(static operation => operation is StoreOperation.Put put ? (long)put.Key.Length + put.Value.Length : 0);

    /// <summary>As in etcd, a branch may put a key once, and not also delete it.</summary>
    private static bool HasDuplicate(IReadOnlyList<StoreOperation> operations)
    {
        if (operations.Count < 2)
        {
            return false;
        }

        var keys = new HashSet<ReadOnlyMemory<byte>>(KeyBytes.Equality);
        foreach (var put in operations.OfType<StoreOperation.Put>())
        {
            if (!keys.Add(put.Key))
            {
                return true;
            }
        }

        return operations.OfType<StoreOperation.Delete>().Any(delete => keys.Any(key => delete.Range.Contains(key.Span)));
    }
}
