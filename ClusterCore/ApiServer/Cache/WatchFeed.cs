using System.Collections.Concurrent;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// One watch of the whole store that keeps every <see cref="ResourceCache"/> current. Batches are applied in order and
/// <see cref="Revision"/> moves only after all caches have seen them, so whoever waited for a revision reads it everywhere.
/// </summary>
internal sealed partial class WatchFeed(IStore store, TimeProvider clock, ILogger<WatchFeed> logger) : IAsyncDisposable
{
    private static readonly TimeSpan bookmarkInterval = TimeSpan.FromSeconds(55);
    private static readonly TimeSpan trimInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan retryAfter = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<GroupResource, ResourceCache> caches = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly RevisionWaiters waiters = new();
    private long revision;
    private Task running = Task.CompletedTask;
    private ITimer? bookmarks;
    private ITimer? trim;

    public long Revision => Volatile.Read(ref revision);

    /// <summary>The store's watch is up.</summary>
    public bool IsFollowing { get; private set; }

    /// <summary>A copy: it can be asked after the source is disposed, by requests that end last.</summary>
    public CancellationToken Stopping { get; private set; }

    public ResourceCache Of(GroupResource resource) =>
        caches.GetOrAdd(resource, static (key, feed) => new(key, feed.Revision, () => feed.Revision), this);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Stopping = stopping.Token;
        await LoadAsync(cancellationToken);
        running = RunAsync();
        bookmarks = clock.CreateTimer(_ => SendBookmarks(), null, bookmarkInterval, bookmarkInterval);
        trim = clock.CreateTimer(_ => Trim(), null, trimInterval, trimInterval);
    }

    /// <summary>How many objects there are of each resource.</summary>
    public IEnumerable<(GroupResource Resource, int Count)> Counts() => caches.Values.Select(cache => (cache.Resource, cache.Count));

    /// <summary>Waits until the caches are as new as the store is now; returns that revision.</summary>
    public async ValueTask<long> CatchUpAsync(CancellationToken cancellationToken)
    {
        var newest = await NewestRevisionAsync(cancellationToken);
        await WaitForAsync(newest, cancellationToken);
        return newest;
    }

    public ValueTask WaitForAsync(long wanted, CancellationToken cancellationToken) =>
        Revision >= wanted ? ValueTask.CompletedTask : new(waiters.WaitAsync(wanted, () => Revision, cancellationToken));

    /// <summary>Calls after every change of a resource, once for those that come together, and again after a failure; until the feed stops.</summary>
    public async Task FollowAsync(GroupResource resource, Func<CancellationToken, Task> changed)
    {
        for (var isBehind = false; !Stopping.IsCancellationRequested; isBehind = true)
        {
            using var watcher = Of(resource).WatchFromNow(Selection.All, bookmarks: false).Watcher;
            watcher.StopWith(Stopping);
            try
            {
                if (isBehind) { await changed(Stopping); }
                while (await watcher.WaitAsync())
                {
                    while (watcher.TryTake(out _)) { }
                    await changed(Stopping);
                }
            }
            catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is IOException or StatusException)
            {
                LogNotFollowed(logger, exception, resource);
                await Task.Delay(retryAfter, clock, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (bookmarks is not null) { await bookmarks.DisposeAsync(); }
        if (trim is not null) { await trim.DisposeAsync(); }
        foreach (var cache in caches.Values) { cache.StopWatchers(); }
        await running;
        stopping.Dispose();
    }

    private async ValueTask<long> NewestRevisionAsync(CancellationToken cancellationToken)
    {
        var nothing = new RangeRequest(KeyRange.One("/registry"u8.ToArray()), KeysOnly: true);
        return (await store.RangeAsync(nothing, cancellationToken)).Revision;
    }

    /// <summary>Everything as it is now, at the start and when changes were missed.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var range = await store.RangeAsync(new(StoreKey.Everything), cancellationToken);
        var found = range.KeyValues
            .Select(static pair => (Key: StoreKey.Parse(pair.Key.Span), pair.Value, pair.ModRevision))
            .Where(static item => item.Key is not null)
            .ToLookup(static item => item.Key!.Value.Resource, static item => new CacheEntry(item.Key!.Value, item.Value, item.ModRevision));
        var now = clock.GetUtcNow();
        foreach (var resource in caches.Keys.Union(found.Select(static group => group.Key))) { Of(resource).Load(found[resource], range.Revision, now); }
        Volatile.Write(ref revision, range.Revision);
        waiters.Release(range.Revision);
    }

    private async Task RunAsync()
    {
        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync();
            }
            catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                IsFollowing = false;
                LogBroken(logger, exception, Revision);
            }

            await Task.Delay(retryAfter, clock, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync()
    {
        var request = new WatchRequest(StoreKey.Everything, Revision + 1, ProgressNotify: true);
        IsFollowing = true;
        await foreach (var batch in store.WatchAsync(request, Stopping))
        {
            if (batch.CompactedAt != 0)
            {
                LogMissed(logger, Revision, batch.CompactedAt);
                await LoadAsync(Stopping);
                return;
            }

            Apply(batch);
        }
    }

    private void Apply(WatchBatch batch)
    {
        var now = clock.GetUtcNow();
        foreach (var (resource, changes) in Group(batch.Events)) { Of(resource).Apply(changes, now); }
        if (batch.Revision <= Revision) { return; }
        Volatile.Write(ref revision, batch.Revision);
        waiters.Release(batch.Revision);
    }

    private static Dictionary<GroupResource, List<(StoreKey Key, CacheEntry? Current, long Revision)>> Group(IReadOnlyList<StoreEvent> events)
    {
        var groups = new Dictionary<GroupResource, List<(StoreKey, CacheEntry?, long)>>();
        foreach (var change in events)
        {
            if (StoreKey.Parse(change.KeyValue.Key.Span) is not { } key) { continue; }
            var entry = change.Kind == StoreEventKind.Put ? new CacheEntry(key, change.KeyValue.Value, change.KeyValue.ModRevision) : null;
            if (!groups.TryGetValue(key.Resource, out var list)) { groups[key.Resource] = list = []; }
            list.Add((key, entry, change.KeyValue.ModRevision));
        }

        return groups;
    }

    private void SendBookmarks()
    {
        foreach (var cache in caches.Values) { cache.SendBookmarks(); }
    }

    private void Trim()
    {
        var now = clock.GetUtcNow();
        foreach (var cache in caches.Values) { cache.Trim(now); }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came after revision {Revision} was compacted at {Compacted}: everything is read anew")]
    private static partial void LogMissed(ILogger logger, long revision, long compacted);

    [LoggerMessage(Level = LogLevel.Error, Message = "What follows changes of {Resource} failed; trying again")]
    private static partial void LogNotFollowed(ILogger logger, Exception exception, GroupResource resource);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store's watch broke at revision {Revision}; starting it again")]
    private static partial void LogBroken(ILogger logger, Exception exception, long revision);
}
