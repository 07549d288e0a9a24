using System.Buffers;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>
/// One watch: the state it starts from (none after a resourceVersion, everything with version 0 or
/// <c>sendInitialEvents</c>), then every change until the client leaves, its time is up, or it cannot keep up.
/// </summary>
internal sealed class WatchHandler(WatchFeed feed, ListReader lists, ObjectAnswer answers, TimeProvider clock)
{
    private static readonly TimeSpan shortest = TimeSpan.FromMinutes(30);

    public async Task HandleAsync(Scope scope, ListOptions options)
    {
        var type = MediaType.Negotiate(scope.Request.Http.Request.Headers.Accept, one => one.Encoding != Encoding.Yaml && one.As is "" or "Table" or "PartialObjectMetadata");
        var encoding = new WatchEncoding(scope, type with { Stream = true }, answers);
        await lists.FreshenAsync(NeededVersion(options), scope.Aborted);
        var (watcher, start) = Open(scope, options);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(scope.Aborted, feed.Stopping);
        using var timer = clock.CreateTimer(_ => end.Cancel(), null, LifeTime(options), Timeout.InfiniteTimeSpan);
        using (watcher)
        {
            var response = Start(scope, type);
            try
            {
                if (watcher is null) { await SendAsync(response, encoding.EncodeError(TooOld(options, scope).ToJson()), end.Token); }
                else { await FollowAsync(response, watcher, start, encoding, options, end.Token); }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The end of a watch is not an error: the client comes back with its last resourceVersion.
                return;
            }
        }
    }

    private static string NeededVersion(ListOptions options) => options switch
    {
        { ResourceVersion: "0" } => "0",
        { ResourceVersion: "", SendInitialEvents: null } => "0",
        _ => options.ResourceVersion,
    };

    private (Watcher? Watcher, CacheSnapshot? Start) Open(Scope scope, ListOptions options)
    {
        var cache = feed.Of(scope.Storage);
        var wantsState = options.SendInitialEvents ?? options.ResourceVersion is "" or "0";
        if (wantsState)
        {
            var (watcher, start) = cache.WatchFromNow(options.Selection, options.Bookmarks);
            return (watcher, start);
        }

        // sendInitialEvents=false without a version is "from now on".
        var after = options.ResourceVersion is "" or "0" ? cache.List("").Revision : options.Revision;
        return (cache.Watch(options.Selection, options.Bookmarks, after), null);
    }

    private TimeSpan LifeTime(ListOptions options) => options.Timeout ?? shortest + (shortest * Random.Shared.NextDouble());

    private static HttpResponse Start(Scope scope, MediaType type)
    {
        var response = scope.Request.Http.Response;
        response.ContentType = type.Encoding == Encoding.Protobuf ? MediaType.Protobuf + ";stream=watch" : "application/json";
        response.Headers.CacheControl = "no-cache, private";
        scope.Request.Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return response;
    }

    private static async Task FollowAsync(
        HttpResponse response, Watcher watcher, CacheSnapshot? start, WatchEncoding encoding, ListOptions options, CancellationToken cancellationToken)
    {
        if (start is { } snapshot) { await SendStateAsync(response, snapshot, encoding, options, cancellationToken); }
        await response.BodyWriter.FlushAsync(cancellationToken);
        while (await watcher.Items.WaitToReadAsync(cancellationToken))
        {
            while (watcher.Items.TryRead(out var item))
            {
                if (start is not null && item.Revision <= start.Value.Revision && item.Event is not null) { continue; }
                var frame = item.Event is { } change ? change.Frame(encoding, item.Type) : encoding.EncodeBookmark(item.Revision, false);
                response.BodyWriter.Write(frame);
            }

            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private static async Task SendStateAsync(
        HttpResponse response, CacheSnapshot snapshot, WatchEncoding encoding, ListOptions options, CancellationToken cancellationToken)
    {
        foreach (var entry in snapshot.Entries)
        {
            if (!options.Selection.Matches(entry)) { continue; }
            response.BodyWriter.Write(encoding.Encode(WatchEventType.Added, entry.Value));
        }

        if (options.SendInitialEvents == true && options.Bookmarks)
        {
            response.BodyWriter.Write(encoding.EncodeBookmark(snapshot.Revision, true));
        }
    }

    private static async Task SendAsync(HttpResponse response, byte[] frame, CancellationToken cancellationToken)
    {
        response.BodyWriter.Write(frame);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private Status TooOld(ListOptions options, Scope scope) =>
        new(410, "Expired", $"too old resource version: {options.ResourceVersion} ({feed.Of(scope.Storage).Version})");
}
