using Flotilla.ClusterCore.Storage.Etcd.Api;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

/// <summary>Between the store's contract and etcd's messages, seen from the client.</summary>
internal static class EtcdMessages
{
    public static ByteString Bytes(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    /// <summary>etcd refuses an empty key; the first key there can be stands for it.</summary>
    public static ByteString Start(KeyRange range) =>
        range.Start.IsEmpty && !range.End.IsEmpty ? Bytes(new byte[] { 0 }) : Bytes(range.Start);

    public static KeyValue Item(EtcdKeyValue message) => new(
        message.Key.Memory, EtcdValue.Decode(message.Value.Memory, message.ModRevision),
        message.CreateRevision, message.ModRevision, message.Version, message.Lease);

    public static StoreEvent Event(EtcdEvent message) => new(
        message.Type == EtcdEvent.Types.EventType.Put ? StoreEventKind.Put : StoreEventKind.Delete,
        Item(message.Kv),
        message.PrevKv is null ? null : Item(message.PrevKv));

    public static EtcdRangeRequest Range(RangeRequest request) => new()
    {
        Key = Start(request.Range),
        RangeEnd = Bytes(request.Range.End),
        Revision = request.Revision,
        Limit = request.Limit,
        CountOnly = request.CountOnly,
        KeysOnly = request.KeysOnly,
        Serializable = !request.Linearizable,
    };

    public static RangeResult Range(EtcdRangeResponse response, long revision) =>
        new(revision, [.. response.Kvs.Select(Item)], response.Count, response.More);

    public static EtcdTxnRequest Txn(TxnRequest request)
    {
        var message = new EtcdTxnRequest();
        message.Compare.AddRange(request.Compares.Select(Compare));
        message.Success.AddRange(request.Success.Select(Operation));
        message.Failure.AddRange(request.Failure.Select(Operation));
        return message;
    }

    public static OperationResult Result(StoreOperation operation, ResponseOp response, long revision) => operation switch
    {
        StoreOperation.Put put => Put(put, response.ResponsePut.PrevKv, revision),
        StoreOperation.Delete => new OperationResult.Delete([.. response.ResponseDeleteRange.PrevKvs.Select(Item)]),
        _ => new OperationResult.Read(Range(response.ResponseRange, revision)),
    };

    /// <summary>etcd does not answer what it stored, but what was there before says it all.</summary>
    private static OperationResult.Put Put(StoreOperation.Put put, EtcdKeyValue? before, long revision)
    {
        var value = put.StampAt < 0 ? put.Value : Embedded.Writes.StoredBytes.Join([], put.Value.Span, put.StampAt, revision);
        return new(
            new(put.Key, value, before?.CreateRevision ?? revision, revision, (before?.Version ?? 0) + 1, put.Lease),
            before is null ? null : Item(before));
    }

    private static RequestOp Operation(StoreOperation operation) => operation switch
    {
        StoreOperation.Put put => new()
        {
            RequestPut = new() { Key = Bytes(put.Key), Value = EtcdValue.Encode(put.Value, put.StampAt), Lease = put.Lease, PrevKv = true },
        },
        StoreOperation.Delete delete => new()
        {
            RequestDeleteRange = new() { Key = Start(delete.Range), RangeEnd = Bytes(delete.Range.End), PrevKv = true },
        },
        StoreOperation.Read read => new() { RequestRange = Range(read.Request) },
        _ => throw new InvalidOperationException($"unknown operation {operation.GetType()}"),
    };

    private static EtcdCompare Compare(Compare compare)
    {
        var message = new EtcdCompare
        {
            Key = Start(compare.Range),
            RangeEnd = Bytes(compare.Range.End),
            Result = compare.Operator switch
            {
                CompareOperator.Equal => EtcdCompare.Types.CompareResult.Equal,
                CompareOperator.NotEqual => EtcdCompare.Types.CompareResult.NotEqual,
                CompareOperator.Less => EtcdCompare.Types.CompareResult.Less,
                _ => EtcdCompare.Types.CompareResult.Greater,
            },
        };
        switch (compare.Target)
        {
            case CompareTarget.Value:
                (message.Target, message.Value) = (EtcdCompare.Types.CompareTarget.Value, EtcdValue.Encode(compare.Value, stampAt: -1));
                break;
            case CompareTarget.CreateRevision:
                (message.Target, message.CreateRevision) = (EtcdCompare.Types.CompareTarget.Create, compare.Number);
                break;
            case CompareTarget.ModRevision:
                (message.Target, message.ModRevision) = (EtcdCompare.Types.CompareTarget.Mod, compare.Number);
                break;
            case CompareTarget.Version:
                (message.Target, message.Version) = (EtcdCompare.Types.CompareTarget.Version, compare.Number);
                break;
            default:
                (message.Target, message.Lease) = (EtcdCompare.Types.CompareTarget.Lease, compare.Number);
                break;
        }

        return message;
    }
}
