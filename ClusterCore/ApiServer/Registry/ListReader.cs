using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <param name="Remaining">How many more there are; null when a selector makes that unknown.</param>
internal sealed record ListPage(long Revision, IReadOnlyList<CacheEntry> Items, string? Continue = null, long? Remaining = null);

/// <summary>
/// Lists. From the watch cache when the newest state, or any state, will do; from the store when the client asks for one exact
/// revision or goes on with an earlier list.
/// </summary>
internal sealed class ListReader(WatchFeed feed, IStore store, TimeProvider clock)
{
    private const int StorePage = 500;
    private static readonly TimeSpan longestWait = TimeSpan.FromSeconds(3);

    public async ValueTask<ListPage> ReadAsync(Scope scope, ListOptions options)
    {
        if (options.Continue is { } token) { return await FromStoreAsync(scope, options, token.Revision, token.Start); }
        var isExact = options.Match == VersionMatch.Exact
            || (options.Match == VersionMatch.Unset && options.Limit > 0 && options.ResourceVersion is not ("" or "0"));
        if (isExact) { return await FromStoreAsync(scope, options, options.Revision, ""); }
        await FreshenAsync(options.ResourceVersion, scope.Aborted);
        return FromCache(scope, options);
    }

    /// <summary>Waits until the cache may answer for the version: none is the newest, "0" is whatever there is.</summary>
    public async ValueTask FreshenAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        if (resourceVersion == "0") { return; }
        if (resourceVersion.Length == 0)
        {
            await feed.CatchUpAsync(cancellationToken);
            return;
        }

        var wanted = ListOptions.RevisionOf(resourceVersion);
        if (feed.Revision >= wanted) { return; }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = clock.CreateTimer(_ => limit.Cancel(), null, longestWait, Timeout.InfiniteTimeSpan);
        try
        {
            await feed.WaitForAsync(wanted, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Refusal.ResourceVersionTooLarge(wanted, feed.Revision);
        }
    }

    private ListPage FromCache(Scope scope, ListOptions options)
    {
        var snapshot = feed.Of(scope.Storage).List(options.Selection.Namespace);
        var matching = options.Selection.HasSelector ? Array.FindAll(snapshot.Entries, options.Selection.Matches) : snapshot.Entries;
        // Whoever takes any version gets all of it: there is nothing to go on from.
        if (options.Limit == 0 || options.ResourceVersion == "0" || matching.Length <= options.Limit) { return new(snapshot.Revision, matching); }
        var page = matching[..options.Limit];
        var next = new ContinueToken(snapshot.Revision, page[^1].Order + "\0");
        return new(snapshot.Revision, page, next.ToString(), options.Selection.HasSelector ? null : matching.Length - page.Length);
    }

    private async ValueTask<ListPage> FromStoreAsync(Scope scope, ListOptions options, long revision, string start)
    {
        var whole = StoreKey.RangeOf(scope.Storage, options.Selection.Namespace);
        var position = start.Length == 0 ? whole.Start : System.Text.Encoding.UTF8.GetBytes(StoreKey.Prefix(scope.Storage, "") + start);
        var items = new List<CacheEntry>();
        long? total = null;
        while (true)
        {
            var range = await store.RangeAsync(new(new(position, whole.End), revision, StorePage), scope.Aborted);
            if (range.Compacted) { throw Compacted(options); }
            if (range.Future) { throw Refusal.ResourceVersionTooLarge(revision, range.Revision); }
            total ??= range.Count;
            foreach (var pair in range.KeyValues)
            {
                if (StoreKey.Parse(pair.Key.Span) is not { } key) { continue; }
                var entry = new CacheEntry(key, pair.Value, pair.ModRevision);
                if (options.Selection.Matches(entry)) { items.Add(entry); }
                if (options.Limit > 0 && items.Count > options.Limit) { return Cut(items, options, revision, total.Value); }
            }

            if (!range.More || range.KeyValues.Count == 0) { return new(revision, items); }
            position = (byte[])[.. range.KeyValues[^1].Key.Span, 0];
        }
    }

    /// <summary>One more than the limit was found: there is a next page.</summary>
    /// <param name="total">How many there were from where the page begins.</param>
    private static ListPage Cut(List<CacheEntry> items, ListOptions options, long revision, long total)
    {
        items.RemoveAt(items.Count - 1);
        var next = new ContinueToken(revision, items[^1].Order + "\0");
        return new(revision, items, next.ToString(), options.Selection.HasSelector ? null : total - items.Count);
    }

    private StatusException Compacted(ListOptions options)
    {
        if (options.Continue is null) { return Refusal.Expired($"The resourceVersion for the provided list is too old."); }
        var inconsistent = new ContinueToken(feed.Revision, options.Continue.Start);
        return new(new(410, "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
            + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
            + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
        {
            Continue = inconsistent.ToString(),
        });
    }
}
