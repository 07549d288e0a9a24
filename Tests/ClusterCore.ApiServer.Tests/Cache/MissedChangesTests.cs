using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Flotilla.ClusterCore.ApiServer.Tests.Cache;

/// <summary>The store's members were away for so long that what changed meanwhile has been compacted.</summary>
public sealed class MissedChangesTests
{
    private static readonly GroupResource pods = new("", "pods");
    private readonly IStore store = Substitute.For<IStore>();
    private readonly Channel<WatchBatch> batches = Channel.CreateBounded<WatchBatch>(8);
    private IReadOnlyList<KeyValue> content = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_is_read_anew_and_watchers_hear_what_is_different()
    {
        store.RangeAsync(default!, default).ReturnsForAnyArgs(_ => new RangeResult(content.Max(item => item.ModRevision), content, content.Count, More: false));
        store.WatchAsync(default!, default).ReturnsForAnyArgs(call => FollowAsync(call.Arg<CancellationToken>()));
        content = [Pod("a", 2), Pod("b", 3), Pod("c", 4)];
        await using var feed = new WatchFeed(store, new ManualClock(), NullLogger<WatchFeed>.Instance);
        await feed.StartAsync(Cancellation);
        var (watcher, _) = feed.Of(pods).WatchFromNow(Selection.All, bookmarks: false);

        content = [Pod("a", 2), Pod("c", 9), Pod("d", 8)];
        await batches.Writer.WriteAsync(new(4, [], CompactedAt: 7), Cancellation);
        await feed.WaitForAsync(9, Cancellation);

        Assert.Equal(["Added d@8", "Modified c@9", "Deleted b@9"], Enumerable.Range(0, 3).Select(_ => Next(watcher)));
        Assert.Equal(["a", "c", "d"], feed.Of(pods).List("").Entries.Select(static entry => entry.Name));
        Assert.Null(feed.Of(pods).Watch(Selection.All, bookmarks: false, after: 4));
        Assert.NotNull(feed.Of(pods).Watch(Selection.All, bookmarks: false, after: 9));
    }

    private async IAsyncEnumerable<WatchBatch> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken)) { yield return batch; }
    }

    private static string Next(Watcher watcher)
    {
        Assert.True(watcher.TryTake(out var item));
        return $"{item.Type} {(item.Event!.Current ?? item.Event.Previous)!.Name}@{item.Revision}";
    }

    private static KeyValue Pod(string name, long revision) => new(
        Encoding.UTF8.GetBytes($"/registry/core/pods/default/{name}"), Encoding.UTF8.GetBytes($$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"{{{revision}}}","name":"{{{name}}}","namespace":"default"}}"""),
        revision, revision, 1, 0);
}
