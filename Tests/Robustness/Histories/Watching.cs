using System.Text;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.Robustness.Histories;

internal static class Watching
{
    public static KeyRange Everything { get; } = KeyRange.Prefix(Encoding.UTF8.GetBytes("k"));

    /// <summary>All events from a revision on up to the newest there is now.</summary>
    public static async Task<List<WatchBatch>> CollectAsync(IStore store, WatchRequest request, CancellationToken cancellationToken)
    {
        var batches = new List<WatchBatch>();
        var newest = (await store.RangeAsync(new(request.Range, CountOnly: true), cancellationToken)).Revision;
        if (newest < request.FromRevision || newest == 1)
        {
            return batches;
        }

        await foreach (var batch in store.WatchAsync(request with { ProgressNotify = true }, cancellationToken))
        {
            Assert.Equal(0, batch.CompactedAt);
            batches.Add(batch);
            if (batch.Revision >= newest)
            {
                break;
            }
        }

        return batches;
    }

    /// <summary>Watches until everything up to a revision, which is known only later, has been delivered.</summary>
    public static async Task<List<WatchBatch>> FollowAsync(IStore store, WatchRequest request, Task<long> newest, CancellationToken cancellationToken)
    {
        var batches = new List<WatchBatch>();
        await foreach (var batch in store.WatchAsync(request with { ProgressNotify = true }, cancellationToken))
        {
            batches.Add(batch);
            if (newest.IsCompleted && batch.Revision >= await newest)
            {
                break;
            }
        }

        return batches;
    }

    /// <summary>Watches until cancelled.</summary>
    public static async Task<List<WatchBatch>> FollowAsync(IStore store, WatchRequest request, CancellationToken cancellationToken)
    {
        var batches = new List<WatchBatch>();
        try
        {
            await foreach (var batch in store.WatchAsync(request, cancellationToken))
            {
                batches.Add(batch);
            }
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        return batches;
    }
}
