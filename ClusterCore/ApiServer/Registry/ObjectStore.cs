using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Metrics;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>An object's bytes as they are in the store, resourceVersion included.</summary>
internal sealed record StoredObject(ReadOnlyMemory<byte> Value, long Revision)
{
    public JsonObject Parse() => JsonNode.Parse(Value.Span)!.AsObject();
}

/// <summary>Objects by key, each write conditional on what it replaces.</summary>
internal sealed class ObjectStore(IStore store, ServerMetrics metrics, TimeProvider clock)
{
    public async ValueTask<StoredObject?> GetAsync(StoreKey key, CancellationToken cancellationToken)
    {
        var range = await MeasureAsync("get", key, store.RangeAsync(new(KeyRange.One(key.ToBytes())), cancellationToken));
        return range.KeyValues is [{ } pair] ? new(pair.Value, pair.ModRevision) : null;
    }

    /// <summary>Null when there is one already.</summary>
    public ValueTask<StoredObject?> CreateAsync(StoreKey key, JsonObject obj, long lease, CancellationToken cancellationToken) =>
        PutAsync(key, obj, CompareTarget.CreateRevision, 0, lease, cancellationToken);

    /// <summary>Null when it is not at that revision any more.</summary>
    public ValueTask<StoredObject?> ReplaceAsync(StoreKey key, JsonObject obj, long expected, long lease, CancellationToken cancellationToken) =>
        PutAsync(key, obj, CompareTarget.ModRevision, expected, lease, cancellationToken);

    /// <summary>The revision of the deletion; null when the object is not at that revision any more.</summary>
    public async ValueTask<long?> DeleteAsync(StoreKey key, long expected, CancellationToken cancellationToken)
    {
        var range = KeyRange.One(key.ToBytes());
        var txn = new TxnRequest([new(range, CompareTarget.ModRevision, CompareOperator.Equal, expected)], [new StoreOperation.Delete(range)], []);
        var result = Check(await MeasureAsync("delete", key, store.TxnAsync(txn, cancellationToken)));
        return result.Succeeded ? result.Revision : null;
    }

    /// <summary>A lease for keys that go away by themselves.</summary>
    public async ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken) =>
        await store.GrantLeaseAsync(0, timeToLive, cancellationToken) is { Outcome: LeaseOutcome.Done, Id: var id } ? id : throw NoSpace(null);

    private async ValueTask<StoredObject?> PutAsync(
        StoreKey key, JsonObject obj, CompareTarget target, long expected, long lease, CancellationToken cancellationToken)
    {
        var range = KeyRange.One(key.ToBytes());
        var (bytes, stampAt) = JsonCodec.EncodeStored(obj);
        var put = new StoreOperation.Put(range.Start, bytes, lease, stampAt);
        var txn = new TxnRequest([new(range, target, CompareOperator.Equal, expected)], [put], []);
        var result = Check(await MeasureAsync(expected == 0 ? "create" : "update", key, store.TxnAsync(txn, cancellationToken)));
        return result.Succeeded && result.Results[0] is OperationResult.Put { Stored: var stored } ? new(stored.Value, stored.ModRevision) : null;
    }

    private async ValueTask<T> MeasureAsync<T>(string operation, StoreKey key, ValueTask<T> request)
    {
        var (series, began) = (metrics.OfStore(operation, key.Resource), clock.GetTimestamp());
        series.Begin();
        try
        {
            return await request;
        }
        finally
        {
            series.End(0, clock.GetElapsedTime(began));
        }
    }

    private static TxnResult Check(TxnResult result) => result.Outcome switch
    {
        TxnOutcome.Done => result,
        TxnOutcome.NoSpace => throw NoSpace(result.Message),
        TxnOutcome.TooLarge => throw Refusal.TooLarge(Pipeline.BodyReader.Limit),
        var outcome => throw new InvalidOperationException($"The store refused a transaction: {outcome} {result.Message}"),
    };

    private static StatusException NoSpace(string? message) => new(new(
        507, "InsufficientStorage", message ?? "the store has no space left: delete something or make room on its disk"));
}
