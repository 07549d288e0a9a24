using System.Collections.Concurrent;
using System.Threading.Channels;
using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using static Flotilla.ClusterCore.Storage.Etcd.Api.WatchCreateRequest.Types;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

/// <summary>One Watch call: any number of watches share it, and one writer sends what they see.</summary>
internal sealed class EtcdWatchStream(IStore store, EtcdIdentity identity, CancellationToken cancellationToken)
{
    /// <summary>etcd's id for answers that concern the whole stream.</summary>
    private const long WholeStream = -1;
    private const int MaxWaiting = 64;
    private readonly Channel<EtcdWatchResponse> answers = Channel.CreateBounded<EtcdWatchResponse>(MaxWaiting);
    private readonly ConcurrentDictionary<long, EtcdWatch> watches = new();
    private long nextId;
    private long progressWanted;

    public async Task RunAsync(IAsyncEnumerable<EtcdWatchRequest> requests, IGrpcResponses<EtcdWatchResponse> responses)
    {
        var sending = SendAsync(responses);
        try
        {
            await foreach (var request in requests.WithCancellation(cancellationToken))
            {
                await HandleAsync(request);
            }
        }
        finally
        {
            await Task.WhenAll(watches.Values.Select(static watch => watch.StopAsync()));
            _ = answers.Writer.TryComplete();
            await sending;
        }
    }

    private async Task SendAsync(IGrpcResponses<EtcdWatchResponse> responses)
    {
        await foreach (var answer in answers.Reader.ReadAllAsync(cancellationToken))
        {
            await responses.WriteAsync(answer, cancellationToken);
        }
    }

    private Task HandleAsync(EtcdWatchRequest request) => request.RequestUnionCase switch
    {
        EtcdWatchRequest.RequestUnionOneofCase.CreateRequest => CreateAsync(request.CreateRequest),
        EtcdWatchRequest.RequestUnionOneofCase.CancelRequest => CancelAsync(request.CancelRequest.WatchId),
        EtcdWatchRequest.RequestUnionOneofCase.ProgressRequest => ProgressAsync(),
        _ => Task.CompletedTask,
    };

    private async Task CreateAsync(WatchCreateRequest request)
    {
        var id = request.WatchId;
        if (id == 0)
        {
            while (watches.ContainsKey(nextId))
            {
                nextId++;
            }

            id = nextId++;
        }

        if (watches.ContainsKey(id))
        {
            await AnswerAsync(new()
            {
                Header = identity.Header(store.Revision),
                WatchId = WholeStream,
                Created = true,
                Canceled = true,
                CancelReason = "mvcc: duplicate watch ID provided on the WatchStream",
            });
            return;
        }

        // The watch begins here, before it is confirmed: what happens from now on is seen.
        var key = request.Key.IsEmpty ? new byte[] { 0 } : request.Key.Memory;
        var batches = store.WatchAsync(
            new(new(key, request.RangeEnd.Memory), request.StartRevision, request.PrevKv, ProgressNotify: true), cancellationToken);
        await AnswerAsync(new() { Header = identity.Header(store.Revision), WatchId = id, Created = true });
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new EtcdWatch(stop);
        watches[id] = watch;
        watch.Start(FollowAsync(id, watch, request, batches, stop.Token));
    }

    private async Task FollowAsync(
        long id, EtcdWatch watch, WatchCreateRequest request, IAsyncEnumerable<WatchBatch> batches, CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            await foreach (var batch in batches.WithCancellation(stop))
            {
                if (batch.CompactedAt > 0)
                {
                    _ = watches.TryRemove(id, out _);
                    await AnswerAsync(new()
                    {
                        Header = identity.Header(store.Revision),
                        WatchId = id,
                        Canceled = true,
                        CompactRevision = batch.CompactedAt,
                    });
                    return;
                }

                foreach (var answer in EtcdWatchAnswers.Of(batch, id, request, identity))
                {
                    await AnswerAsync(answer);
                }

                watch.Revision = batch.Revision;
                await ReportProgressAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Cancelled by the client or with its stream.
        }
    }

    private async Task CancelAsync(long id)
    {
        if (watches.TryRemove(id, out var watch))
        {
            await watch.StopAsync();
            await AnswerAsync(new() { Header = identity.Header(store.Revision), WatchId = id, Canceled = true });
        }
    }

    /// <summary>Answered when every watch of the stream has got as far as the store is now.</summary>
    private async Task ProgressAsync()
    {
        Volatile.Write(ref progressWanted, store.Revision);
        await store.RequestProgressAsync(cancellationToken);
        await ReportProgressAsync();
    }

    private async Task ReportProgressAsync()
    {
        var wanted = Volatile.Read(ref progressWanted);
        if (wanted > 0 && watches.Values.All(watch => watch.Revision >= wanted) &&
            Interlocked.CompareExchange(ref progressWanted, 0, wanted) == wanted)
        {
            await AnswerAsync(new() { Header = identity.Header(wanted), WatchId = WholeStream });
        }
    }

    private ValueTask AnswerAsync(EtcdWatchResponse answer) => answers.Writer.WriteAsync(answer, cancellationToken);
}

/// <summary>A watch under way.</summary>
internal sealed class EtcdWatch(CancellationTokenSource stop)
{
    private Task following = Task.CompletedTask;
    private long revision;

    /// <summary>Everything up to here has been handed to the stream.</summary>
    public long Revision
    {
        get => Volatile.Read(ref revision);
        set => Volatile.Write(ref revision, value);
    }

    public void Start(Task task) => following = task;

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await following;
        stop.Dispose();
    }
}

/// <summary>What one batch is on the wire: filtered, and cut into fragments where the client wants that.</summary>
internal static class EtcdWatchAnswers
{
    /// <summary>etcd's limit: the largest request, and half a megabyte for the frame.</summary>
    private const int MaxFragment = 2 * 1024 * 1024;

    public static IEnumerable<EtcdWatchResponse> Of(WatchBatch batch, long id, WatchCreateRequest request, EtcdIdentity identity)
    {
        if (batch.Events.Count == 0)
        {
            if (request.ProgressNotify)
            {
                yield return new() { Header = identity.Header(batch.Revision), WatchId = id };
            }

            yield break;
        }

        var answer = new EtcdWatchResponse { Header = identity.Header(batch.Revision), WatchId = id };
        var size = 0;
        foreach (var change in batch.Events.Where(change => !IsFiltered(request, change)))
        {
            var message = EtcdTranslation.Message(change);
            var length = change.KeyValue.Key.Length + change.KeyValue.Value.Length + (change.Previous?.Value.Length ?? 0) + 64;
            if (request.Fragment && answer.Events.Count > 0 && size + length > MaxFragment)
            {
                answer.Fragment = true;
                yield return answer;
                answer = new() { Header = identity.Header(batch.Revision), WatchId = id };
                size = 0;
            }

            answer.Events.Add(message);
            size += length;
        }

        if (answer.Events.Count > 0)
        {
            yield return answer;
        }
    }

    private static bool IsFiltered(WatchCreateRequest request, StoreEvent change) =>
        request.Filters.Contains(change.Kind == StoreEventKind.Put ? FilterType.Noput : FilterType.Nodelete);
}
