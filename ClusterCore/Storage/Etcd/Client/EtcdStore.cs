using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Embedded.Writes;
using Flotilla.ClusterCore.Storage.Etcd.Api;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

/// <summary>The store over real etcd members.</summary>
public sealed class EtcdStore : IStore
{
    private readonly EtcdStoreOptions options;
    private readonly EtcdMembers members;
    private readonly ConcurrentDictionary<EtcdWatcher, bool> watchers = new();
    private readonly EtcdCompactor? compactor;
    private long revision;
    private long compacted;

    private EtcdStore(EtcdStoreOptions options)
    {
        this.options = options;
        members = new(options);
        compactor = options.HistoryAge == Timeout.InfiniteTimeSpan ? null : new(this, options.HistoryAge, options.Clock, options.Logger);
    }

    public long Revision => Volatile.Read(ref revision);

    /// <summary>As far as this process has heard.</summary>
    public long CompactedRevision => Volatile.Read(ref compacted);

    /// <exception cref="StoreUnavailableException">No member answers.</exception>
    public static async Task<EtcdStore> OpenAsync(EtcdStoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var store = new EtcdStore(options);
        try
        {
            _ = await store.RangeAsync(new(KeyRange.One(new byte[] { 0 }), CountOnly: true), cancellationToken);
            store.compactor?.Start();
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            var response = await members.CallAsync(EtcdMethods.Range, EtcdMessages.Range(request), repeatable: true, cancellationToken);
            return EtcdMessages.Range(response, Seen(response.Header));
        }
        catch (GrpcException exception) when (exception.StatusCode == GrpcStatusCode.OutOfRange)
        {
            return new(
                Revision, [], 0, More: false,
                Compacted: exception.Detail == EtcdErrors.CompactedText, Future: exception.Detail == EtcdErrors.FutureText);
        }
    }

    public async ValueTask<TxnResult> TxnAsync(TxnRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (TransactionCheck.Refusal(request, options.MaxTransactionBytes) is var (refusal, message))
        {
            return new(refusal, Revision, false, [], message);
        }

        try
        {
            var response = await members.CallAsync(
                EtcdMethods.Txn, EtcdMessages.Txn(request), repeatable: false, cancellationToken);
            var done = Seen(response.Header);
            var branch = response.Succeeded ? request.Success : request.Failure;
            return new(
                TxnOutcome.Done, done, response.Succeeded,
                [.. branch.Select((operation, i) => EtcdMessages.Result(operation, response.Responses[i], done))]);
        }
        catch (GrpcException exception) when (Outcome(exception) is { } outcome)
        {
            return new(outcome, Revision, false, [], exception.Detail);
        }
    }

    public async IAsyncEnumerable<WatchBatch> WatchAsync(
        WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var watcher = new EtcdWatcher(members, request, options);
        watchers[watcher] = true;
        try
        {
            await foreach (var batch in watcher.RunAsync(cancellationToken))
            {
                Raise(ref revision, batch.Revision);
                Raise(ref compacted, batch.CompactedAt);
                yield return batch;
            }
        }
        finally
        {
            _ = watchers.TryRemove(watcher, out _);
        }
    }

    public async ValueTask<CompactResult> CompactAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            // Asking for it twice does no harm, but the second answer would be "already".
            var response = await members.CallAsync(EtcdMethods.Compact, new() { Revision = revision }, repeatable: false, cancellationToken);
            _ = Seen(response.Header);
            Raise(ref compacted, revision);
            return CompactResult.Done;
        }
        catch (GrpcException exception) when (exception.StatusCode == GrpcStatusCode.OutOfRange)
        {
            return exception.Detail == EtcdErrors.CompactedText ? CompactResult.AlreadyCompacted : CompactResult.Future;
        }
    }

    public async ValueTask<LeaseResult> GrantLeaseAsync(long id, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        try
        {
            var response = await members.CallAsync(
                EtcdMethods.LeaseGrant, new() { ID = id, TTL = (long)Math.Ceiling(timeToLive.TotalSeconds) }, repeatable: false, cancellationToken);
            return new(LeaseOutcome.Done, response.ID, TimeSpan.FromSeconds(response.TTL));
        }
        catch (GrpcException exception) when (exception.Detail is EtcdErrors.LeaseExistsText or EtcdErrors.NoSpaceText)
        {
            return new(exception.Detail == EtcdErrors.LeaseExistsText ? LeaseOutcome.AlreadyExists : LeaseOutcome.NoSpace, id, default);
        }
    }

    public async ValueTask<LeaseResult> KeepLeaseAliveAsync(long id, CancellationToken cancellationToken)
    {
        var used = members.Position;
        try
        {
            using var call = members.At(used).Duplex(EtcdMethods.LeaseKeepAlive, cancellationToken, new(options.AttemptTimeout));
            await call.WriteAsync(new() { ID = id });
            await foreach (var response in call.ReadAllAsync(cancellationToken))
            {
                return response.TTL > 0
                    ? new(LeaseOutcome.Done, id, TimeSpan.FromSeconds(response.TTL))
                    : new(LeaseOutcome.NotFound, id, default);
            }

            throw new StoreUnavailableException("the member ended the call without an answer");
        }
        catch (GrpcException exception) when (EtcdMembers.IsMembersFault(exception))
        {
            members.Pass(used, exception);
            throw new StoreUnavailableException(exception.Detail, exception);
        }
    }

    public async ValueTask<LeaseResult> RevokeLeaseAsync(long id, CancellationToken cancellationToken)
    {
        try
        {
            _ = Seen((await members.CallAsync(EtcdMethods.LeaseRevoke, new() { ID = id }, repeatable: false, cancellationToken)).Header);
            return new(LeaseOutcome.Done, id, default);
        }
        catch (GrpcException exception) when (exception.StatusCode == GrpcStatusCode.NotFound)
        {
            return new(LeaseOutcome.NotFound, id, default);
        }
    }

    public async ValueTask<LeaseStatus?> FindLeaseAsync(long id, CancellationToken cancellationToken)
    {
        var response = await members.CallAsync(
            EtcdMethods.LeaseTimeToLive, new() { ID = id, Keys = true }, repeatable: true, cancellationToken);
        return response.TTL < 0
            ? null
            : new(
                id, TimeSpan.FromSeconds(response.GrantedTTL), TimeSpan.FromSeconds(response.TTL),
                [.. response.Keys.Select(static key => key.Memory)]);
    }

    public async ValueTask<IReadOnlyList<long>> ListLeasesAsync(CancellationToken cancellationToken)
    {
        var response = await members.CallAsync(EtcdMethods.LeaseLeases, new(), repeatable: true, cancellationToken);
        return [.. response.Leases.Select(static lease => lease.ID).Order()];
    }

    public async ValueTask RequestProgressAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(watchers.Keys.Select(static watcher => watcher.RequestProgressAsync()));

    public async ValueTask DisposeAsync()
    {
        if (compactor is not null)
        {
            await compactor.DisposeAsync();
        }

        members.Dispose();
    }

    private long Seen(ResponseHeader header)
    {
        Raise(ref revision, header.Revision);
        return header.Revision;
    }

    private static TxnOutcome? Outcome(GrpcException exception) => exception.Detail switch
    {
        EtcdErrors.LeaseNotFoundText => TxnOutcome.LeaseNotFound,
        EtcdErrors.DuplicateKeyText => TxnOutcome.DuplicateKey,
        EtcdErrors.NoSpaceText => TxnOutcome.NoSpace,
        EtcdErrors.CompactedText => TxnOutcome.Compacted,
        EtcdErrors.FutureText => TxnOutcome.Future,
        EtcdErrors.TooLargeText => TxnOutcome.TooLarge,
        _ => null,
    };

    private static void Raise(ref long value, long seen)
    {
        for (var known = Volatile.Read(ref value); seen > known;)
        {
            var before = Interlocked.CompareExchange(ref value, seen, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }
}
