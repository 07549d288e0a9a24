using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Etcd.Api;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

internal sealed class EtcdKvService(IStore store, EtcdIdentity identity)
{
    /// <summary>etcd's default of --max-txn-ops.</summary>
    private const int MaxOperations = 128;

    public async ValueTask<EtcdRangeResponse> RangeAsync(EtcdRangeRequest request, GrpcServerContext context)
    {
        var shape = RangeShape.Of(request);
        var result = await store.RangeAsync(shape.Request, context.CancellationToken);
        return result switch
        {
            { Compacted: true } => throw EtcdErrors.Compacted,
            { Future: true } => throw EtcdErrors.Future,
            _ => shape.Response(result, identity.Header(result.Revision)),
        };
    }

    public async ValueTask<PutResponse> PutAsync(PutRequest request, GrpcServerContext context)
    {
        if (request.IgnoreValue || request.IgnoreLease)
        {
            return await PutKeepingAsync(request, context.CancellationToken);
        }

        var result = await store.TxnAsync(new([], [EtcdTranslation.Put(request)], []), context.CancellationToken);
        EtcdTranslation.Check(result);
        return EtcdTranslation.Put(request, (OperationResult.Put)result.Results[0], identity.Header(result.Revision));
    }

    public async ValueTask<DeleteRangeResponse> DeleteRangeAsync(DeleteRangeRequest request, GrpcServerContext context)
    {
        var range = EtcdTranslation.Range(request.Key, request.RangeEnd);
        var result = await store.TxnAsync(new([], [new StoreOperation.Delete(range)], []), context.CancellationToken);
        EtcdTranslation.Check(result);
        return EtcdTranslation.Delete(request, (OperationResult.Delete)result.Results[0], identity.Header(result.Revision));
    }

    public async ValueTask<EtcdTxnResponse> TxnAsync(EtcdTxnRequest request, GrpcServerContext context)
    {
        if (Math.Max(request.Compare.Count, Math.Max(request.Success.Count, request.Failure.Count)) > MaxOperations)
        {
            throw EtcdErrors.TooManyOperations;
        }

        var result = await store.TxnAsync(
            new(
                [.. request.Compare.Select(EtcdTranslation.Compare)],
                [.. request.Success.Select(EtcdTranslation.Operation)],
                [.. request.Failure.Select(EtcdTranslation.Operation)]),
            context.CancellationToken);
        EtcdTranslation.Check(result);
        var response = new EtcdTxnResponse { Header = identity.Header(result.Revision), Succeeded = result.Succeeded };
        var operations = result.Succeeded ? request.Success : request.Failure;
        for (var i = 0; i < operations.Count; i++)
        {
            response.Responses.Add(EtcdTranslation.Response(operations[i], result.Results[i], new() { Revision = result.Revision }));
        }

        return response;
    }

    public async ValueTask<CompactionResponse> CompactAsync(CompactionRequest request, GrpcServerContext context) =>
        await store.CompactAsync(request.Revision, context.CancellationToken) switch
        {
            CompactResult.Done => new() { Header = identity.Header(store.Revision) },
            CompactResult.AlreadyCompacted => throw EtcdErrors.Compacted,
            _ => throw EtcdErrors.Future,
        };

    /// <summary>Keeps the value or the lease the key has: read, then put if nobody was quicker.</summary>
    private async ValueTask<PutResponse> PutKeepingAsync(PutRequest request, CancellationToken cancellationToken)
    {
        if (request.IgnoreValue && !request.Value.IsEmpty)
        {
            throw EtcdErrors.ValueProvided;
        }

        if (request.IgnoreLease && request.Lease != 0)
        {
            throw EtcdErrors.LeaseProvided;
        }

        var range = EtcdTranslation.Range(request.Key, Google.Protobuf.ByteString.Empty);
        while (true)
        {
            var read = await store.RangeAsync(new(range), cancellationToken);
            var current = read.KeyValues.SingleOrDefault() ?? throw EtcdErrors.KeyNotFound;
            var put = new StoreOperation.Put(
                request.Key.Memory,
                request.IgnoreValue ? current.Value : request.Value.Memory,
                request.IgnoreLease ? current.Lease : request.Lease);
            var unchanged = new Compare(range, CompareTarget.ModRevision, CompareOperator.Equal, current.ModRevision);
            var result = await store.TxnAsync(new([unchanged], [put], []), cancellationToken);
            EtcdTranslation.Check(result);
            if (result.Succeeded)
            {
                return EtcdTranslation.Put(request, (OperationResult.Put)result.Results[0], identity.Header(result.Revision));
            }
        }
    }
}
