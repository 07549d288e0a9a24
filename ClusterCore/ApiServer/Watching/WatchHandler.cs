using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Metrics;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Tables;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>
/// One watch: the state it starts from (none after a resourceVersion, everything with version 0 or
/// <c>sendInitialEvents</c>), then every change until the client leaves, its time is up, or it cannot keep up.
/// </summary>
internal sealed class WatchHandler(WatchFeed feed, ListReader lists, ObjectAnswer answers, ServerMetrics metrics, TimeProvider clock)
{
    /// <summary>Of the initial state: more goes to the connection, at its pace, before the next object is encoded.</summary>
    private const int WrittenAtOnce = 64 * 1024;

    private static readonly TimeSpan shortest = TimeSpan.FromMinutes(30);

    /// <summary>Time to read what has been written, for a client that did not keep up.</summary>
    private static readonly TimeSpan toCatchUp = TimeSpan.FromSeconds(2);

    public async Task HandleAsync(Scope scope, ListOptions options)
    {
        var context = scope.Request.Http;
        var overSocket = ServerSocket.IsWanted(context.Request);
        var type = MediaType.Negotiate(context.Request.Headers.Accept, one => Serves(scope, one));
        if (type.As == "Table") { TableRenderer.Check(scope.Request); }
        var encoding = new WatchEncoding(scope, type with { Stream = true }, answers);
        await lists.FreshenAsync(options.ResourceVersion, scope.Aborted);
        var (watcher, start) = Open(scope, options);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(scope.Aborted, feed.Stopping);
        using var timer = clock.CreateTimer(_ => end.Cancel(), null, LifeTime(options), Timeout.InfiniteTimeSpan);
        using (watcher)
        {
            watcher?.WhenEvicted(() =>
            {
                metrics.CountEviction(scope.Storage);
                timer.Change(toCatchUp, Timeout.InfiniteTimeSpan);
            });
            await using IWatchStream stream = overSocket ? new WatchSocket(await ServerSocket.AcceptAsync(context, end), type.Encoding == Encoding.Protobuf) : new WatchResponse(context.Response, type);
            try
            {
                if (watcher is null)
                {
                    stream.Write(encoding.EncodeError(TooOld(options, scope).ToJson()));
                    await stream.FlushAsync(end.Token);
                }
                else
                {
                    if (start is { } snapshot) { await WriteStateAsync(scope, stream, snapshot, encoding, options, end.Token); }
                    // Only the revision: a watch lasts long, and must not hold the objects it began with.
                    await FollowAsync(scope, stream, watcher, start?.Revision ?? 0, encoding, end.Token);
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The end of a watch is not an error: the client comes back with its last resourceVersion. One that does not even
                // read would hold its connection, and what is written to it, for ever.
                if (watcher?.IsEvicted == true) { context.Abort(); }
            }
        }
    }

    private static bool Serves(Scope scope, MediaType type) =>
        type.Encoding != Encoding.Yaml && type.As != "PartialObjectMetadataList" && ObjectAnswer.Serves(scope, type);

    private (Watcher? Watcher, CacheSnapshot? Start) Open(Scope scope, ListOptions options)
    {
        var cache = feed.Of(scope.Storage);
        if (options.SendInitialEvents == true)
        {
            var (watcher, start) = cache.WatchFromNow(options.Selection, options.Bookmarks);
            return (watcher, start);
        }

        // sendInitialEvents=false without a version is "from now on".
        var after = options.ResourceVersion is "" or "0" ? cache.List("").Revision : options.Revision;
        return (cache.Watch(options.Selection, options.Bookmarks, after), null);
    }

    private TimeSpan LifeTime(ListOptions options) => options.Timeout ?? shortest + (shortest * Random.Shared.NextDouble());

    private async Task FollowAsync(
        Scope scope, IWatchStream stream, Watcher watcher, long startRevision, WatchEncoding encoding, CancellationToken cancellationToken)
    {
        var (series, sizes) = (metrics.OfWatches(scope), new List<int>());
        watcher.StopWith(cancellationToken);
        await stream.FlushAsync(cancellationToken);
        while (await watcher.WaitAsync())
        {
            sizes.Clear();
            while (watcher.TryTake(out var item))
            {
                if (item.Revision <= startRevision && item.Event is not null) { continue; }
                var frame = item.Event is { } change ? change.Frame(encoding, item.Type) : encoding.EncodeBookmark(item.Revision, false);
                stream.Write(frame);
                sizes.Add(frame.Length);
            }

            await stream.FlushAsync(cancellationToken);
            series.Count(sizes);
        }
    }

    private async ValueTask WriteStateAsync(
        Scope scope, IWatchStream stream, CacheSnapshot snapshot, WatchEncoding encoding, ListOptions options, CancellationToken cancellationToken)
    {
        var written = 0;
        var sizes = new List<int>();
        foreach (var entry in snapshot.Entries)
        {
            if (!options.Selection.Matches(entry)) { continue; }
            var frame = encoding.Encode(WatchEventType.Added, entry.Value);
            stream.Write(frame);
            written += frame.Length;
            sizes.Add(frame.Length);
            if (written < WrittenAtOnce) { continue; }
            await stream.FlushAsync(cancellationToken);
            written = 0;
        }

        metrics.OfWatches(scope).Count(sizes);
        if (options.SendInitialEvents == true && options.Bookmarks) { stream.Write(encoding.EncodeBookmark(snapshot.Revision, true)); }
    }

    private Status TooOld(ListOptions options, Scope scope) =>
        new(410, "Expired", $"too old resource version: {options.ResourceVersion} ({feed.Of(scope.Storage).Version})");
}
