using Flotilla.ClusterCore.Storage.Etcd.Api;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

/// <summary>Between etcd's messages and the store's contract.</summary>
internal static class EtcdTranslation
{
    public static KeyRange Range(ByteString key, ByteString end)
    {
        if (key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey;
        }

        return new(key.Memory, end.Memory);
    }

    public static EtcdKeyValue Message(KeyValue item) => new()
    {
        Key = UnsafeByteOperations.UnsafeWrap(item.Key),
        Value = UnsafeByteOperations.UnsafeWrap(item.Value),
        CreateRevision = item.CreateRevision,
        ModRevision = item.ModRevision,
        Version = item.Version,
        Lease = item.Lease,
    };

    public static EtcdEvent Message(StoreEvent change)
    {
        var message = new EtcdEvent
        {
            Type = change.Kind == StoreEventKind.Put ? EtcdEvent.Types.EventType.Put : EtcdEvent.Types.EventType.Delete,
            Kv = Message(change.KeyValue),
        };
        if (change.Previous is { } previous)
        {
            message.PrevKv = Message(previous);
        }

        return message;
    }

    public static Compare Compare(EtcdCompare compare)
    {
        var range = Range(compare.Key, compare.RangeEnd);
        var comparison = compare.Result switch
        {
            EtcdCompare.Types.CompareResult.Equal => CompareOperator.Equal,
            EtcdCompare.Types.CompareResult.Greater => CompareOperator.Greater,
            EtcdCompare.Types.CompareResult.Less => CompareOperator.Less,
            _ => CompareOperator.NotEqual,
        };
        return compare.Target switch
        {
            EtcdCompare.Types.CompareTarget.Version => new(range, CompareTarget.Version, comparison, compare.Version),
            EtcdCompare.Types.CompareTarget.Create => new(range, CompareTarget.CreateRevision, comparison, compare.CreateRevision),
            EtcdCompare.Types.CompareTarget.Mod => new(range, CompareTarget.ModRevision, comparison, compare.ModRevision),
            EtcdCompare.Types.CompareTarget.Lease => new(range, CompareTarget.Lease, comparison, compare.Lease),
            _ => new(range, CompareTarget.Value, comparison, Value: compare.Value.Memory),
        };
    }

    public static StoreOperation Operation(RequestOp operation) => operation.RequestCase switch
    {
        RequestOp.RequestOneofCase.RequestRange => new StoreOperation.Read(RangeShape.Of(operation.RequestRange).Request),
        RequestOp.RequestOneofCase.RequestPut => Put(operation.RequestPut),
        RequestOp.RequestOneofCase.RequestDeleteRange =>
            new StoreOperation.Delete(Range(operation.RequestDeleteRange.Key, operation.RequestDeleteRange.RangeEnd)),
        RequestOp.RequestOneofCase.RequestTxn => throw EtcdErrors.Unsupported("transactions within transactions"),
        _ => throw EtcdErrors.KeyNotFound,
    };

    public static StoreOperation.Put Put(PutRequest put)
    {
        if (put.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey;
        }

        return put.IgnoreValue || put.IgnoreLease
            ? throw EtcdErrors.Unsupported("ignore_value and ignore_lease within transactions")
            : new(put.Key.Memory, put.Value.Memory, put.Lease);
    }

    public static ResponseOp Response(RequestOp operation, OperationResult result, ResponseHeader header) => result switch
    {
        OperationResult.Put put => new() { ResponsePut = Put(operation.RequestPut, put, header) },
        OperationResult.Delete delete => new() { ResponseDeleteRange = Delete(operation.RequestDeleteRange, delete, header) },
        OperationResult.Read read => new() { ResponseRange = RangeShape.Of(operation.RequestRange).Response(read.Result, header) },
        _ => throw new InvalidOperationException($"unknown result {result.GetType()}"),
    };

    public static PutResponse Put(PutRequest request, OperationResult.Put result, ResponseHeader header)
    {
        var response = new PutResponse { Header = header };
        if (request.PrevKv && result.Previous is { } previous)
        {
            response.PrevKv = Message(previous);
        }

        return response;
    }

    public static DeleteRangeResponse Delete(DeleteRangeRequest request, OperationResult.Delete result, ResponseHeader header)
    {
        var response = new DeleteRangeResponse { Header = header, Deleted = result.Previous.Count };
        if (request.PrevKv)
        {
            response.PrevKvs.AddRange(result.Previous.Select(Message));
        }

        return response;
    }

    /// <summary>Throws what etcd answers for an outcome other than done.</summary>
    public static void Check(TxnResult result)
    {
        if (result.Outcome != TxnOutcome.Done)
        {
            throw result.Outcome switch
            {
                TxnOutcome.LeaseNotFound => EtcdErrors.LeaseNotFound,
                TxnOutcome.DuplicateKey => EtcdErrors.DuplicateKey,
                TxnOutcome.NoSpace => EtcdErrors.NoSpace,
                TxnOutcome.Compacted => EtcdErrors.Compacted,
                TxnOutcome.Future => EtcdErrors.Future,
                _ => EtcdErrors.TooLarge,
            };
        }
    }
}
