using System.Runtime.CompilerServices;
using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

/// <summary>One watch over streams that may break: each new stream goes on where the last one stopped.</summary>
internal sealed partial class EtcdWatcher(EtcdMembers members, WatchRequest request, EtcdStoreOptions options) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly GrpcCallOptions LeaderRequired = new(Metadata: new Dictionary<string, string> { ["hasleader"] = "true" });
    private readonly SemaphoreSlim writing = new(1, 1);
    private GrpcDuplexCall<EtcdWatchRequest, EtcdWatchResponse>? call;
    private long next = request.FromRevision;

    public void Dispose() => writing.Dispose();

    /// <summary>Asks the member how far this watch has got; the answer is an empty batch.</summary>
    public async Task RequestProgressAsync()
    {
        if (call is { } open)
        {
            try
            {
                await WriteAsync(open, new() { ProgressRequest = new() });
            }
            catch (Exception exception) when (exception is GrpcException or OperationCanceledException or ObjectDisposedException)
            {
                // The stream has just broken: the next one is asked the next time.
                LogProgressLost(options.Logger, exception.Message);
            }
        }
    }

    public async IAsyncEnumerable<WatchBatch> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using var moving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, members.Passing);
            var used = members.Position;
            await using var batches = StreamAsync(members.At(used), moving.Token).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(batches, used, cancellationToken) is { } batch)
            {
                yield return batch;
                if (batch.CompactedAt > 0)
                {
                    yield break;
                }
            }

            await Task.Delay(Pause, options.Clock, cancellationToken);
        }
    }

    /// <returns>Null when the stream has broken.</returns>
    private async Task<WatchBatch?> NextAsync(IAsyncEnumerator<WatchBatch> batches, int used, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNextAsync() ? batches.Current : null;
        }
        catch (GrpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            members.Pass(used, exception);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Others have passed this member over.
            return null;
        }
    }

    private async IAsyncEnumerable<WatchBatch> StreamAsync(
        GrpcChannel channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var opened = channel.Duplex(EtcdMethods.Watch, cancellationToken, LeaderRequired);
        try
        {
            await WriteAsync(opened, new() { CreateRequest = Create() });
            call = opened;
            var events = new List<StoreEvent>();
            await foreach (var response in opened.ReadAllAsync(cancellationToken))
            {
                if (response.Created && next == 0)
                {
                    next = response.Header.Revision + 1;
                }

                if (response.CompactRevision > 0)
                {
                    yield return new(next - 1, [], response.CompactRevision);
                    yield break;
                }

                if (response.Canceled)
                {
                    throw new GrpcException(GrpcStatusCode.Unavailable, $"the watch was cancelled: {response.CancelReason}");
                }

                events.AddRange(response.Events.Select(EtcdMessages.Event));
                if (response.Created || response.Fragment || Batch(response, events) is not { } batch)
                {
                    continue;
                }

                next = batch.Revision + 1;
                events = [];
                yield return batch;
            }
        }
        finally
        {
            call = null;
        }
    }

    private WatchCreateRequest Create() => new()
    {
        Key = EtcdMessages.Start(request.Range),
        RangeEnd = EtcdMessages.Bytes(request.Range.End),
        StartRevision = next,
        PrevKv = request.PreviousValues,
        ProgressNotify = request.ProgressNotify,
        Fragment = true,
    };

    /// <summary>A header says how far the store is, which is further than this watch unless there are no events.</summary>
    private WatchBatch? Batch(EtcdWatchResponse response, List<StoreEvent> events)
    {
        if (events.Count > 0)
        {
            return new(events[^1].KeyValue.ModRevision, events);
        }

        return request.ProgressNotify && response.Header.Revision >= next - 1 ? new(response.Header.Revision, []) : null;
    }

    private async Task WriteAsync(GrpcDuplexCall<EtcdWatchRequest, EtcdWatchResponse> open, EtcdWatchRequest message)
    {
        await writing.WaitAsync();
        try
        {
            await open.WriteAsync(message);
        }
        finally
        {
            _ = writing.Release();
        }
    }

    [LoggerMessage(LogLevel.Debug, "A progress request was lost with its stream: {Reason}")]
    private static partial void LogProgressLost(ILogger logger, string reason);
}
