using System.Text;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Tests.Cache;

public sealed class ResourceCacheTests
{
    private static readonly GroupResource maps = new("", "configmaps");
    private readonly ResourceCache cache = new(maps, 1, () => 7);

    [Fact]
    public async Task A_watcher_that_does_not_keep_up_is_cut_off_and_the_others_are_not()
    {
        using var slow = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        using var quick = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        var revision = 1;
        while (!slow.IsEvicted)
        {
            Assert.True(revision < 100_000, "a watcher's queue has an end");
            Change(++revision);
            while (quick.TryTake(out _)) { }
        }

        while (slow.TryTake(out _)) { }
        Assert.False(await slow.WaitAsync(), "nothing more will come");
        Assert.False(quick.IsEvicted);
        Assert.False(quick.WaitAsync().AsTask().IsCompleted, "more may come");
    }

    [Fact]
    public void A_change_is_encoded_once_for_all_who_watch_in_one_format()
    {
        using var first = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        using var second = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        Change(2);
        var (json, table) = (new CountingEncoding(IsShared: true), new CountingEncoding(IsShared: false));
        foreach (var watcher in (Watcher[])[first, second])
        {
            Assert.True(watcher.TryTake(out var item));
            Assert.Same(item.Event!.Frame(json, item.Type), item.Event.Frame(new CountingEncoding(IsShared: true), item.Type));
            _ = item.Event.Frame(table, item.Type);
        }

        Assert.Equal((1, 2), (json.Count, table.Count));
    }

    /// <summary>Equal to any other of the same kind, as two watches of one resource in one media type are.</summary>
    private sealed record CountingEncoding(bool IsShared) : IWatchEncoding
    {
        public int Count { get; private set; }

        public byte[] Encode(WatchEventType type, ReadOnlyMemory<byte> storedObject)
        {
            Count++;
            return storedObject.ToArray();
        }

        public byte[] EncodeBookmark(long revision, bool initialEventsEnd) => [];

        public byte[] EncodeError(byte[] statusJson) => statusJson;

        public bool Equals(CountingEncoding? other) => other?.IsShared == IsShared;

        public override int GetHashCode() => IsShared.GetHashCode();
    }

    [Fact]
    public void Large_changes_that_nobody_reads_are_few()
    {
        using var slow = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        using var quick = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        var evicted = 0;
        slow.WhenEvicted(() => evicted++);
        var revision = 1;
        while (!slow.IsEvicted)
        {
            Assert.True(revision < 100, "a watcher's queue holds only so many bytes");
            Change(++revision, size: 1024 * 1024);
            while (quick.TryTake(out _)) { }
        }

        Change(++revision, size: 1024 * 1024);
        Assert.Equal((1, false), (evicted, quick.IsEvicted));
        slow.WhenEvicted(() => evicted++);
        Assert.Equal(2, evicted);
    }

    [Fact]
    public void Bookmarks_tell_how_far_the_store_is_to_those_who_asked()
    {
        using var wants = cache.Watch(Selection.All, bookmarks: true, after: 1)!;
        using var wantsNot = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        cache.SendBookmarks();
        Assert.True(wants.TryTake(out var bookmark));
        Assert.Equal((WatchEventType.Bookmark, 7), (bookmark.Type, bookmark.Revision));
        Assert.False(wantsNot.TryTake(out _));
    }

    [Fact]
    public async Task All_who_wait_hear_of_a_change_and_of_the_end()
    {
        // More than one row of them.
        var watchers = Enumerable.Range(0, 40).Select(_ => cache.Watch(Selection.All, bookmarks: false, after: 1)!).ToArray();
        var waits = Array.ConvertAll(watchers, watcher => watcher.WaitAsync().AsTask());
        Assert.DoesNotContain(waits, wait => wait.IsCompleted);
        Change(2);
        Assert.All(await Task.WhenAll(waits), Assert.True);
        foreach (var watcher in watchers)
        {
            Assert.True(watcher.TryTake(out var item));
            Assert.Equal(2, item.Revision);
        }

        waits = Array.ConvertAll(watchers, watcher => watcher.WaitAsync().AsTask());
        cache.StopWatchers();
        Assert.All(await Task.WhenAll(waits), Assert.False);
    }

    [Fact]
    public async Task A_cancelled_watcher_waits_no_more_and_what_it_has_can_be_taken()
    {
        using var cancelling = new CancellationTokenSource();
        using var waiting = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        using var behind = cache.Watch(Selection.All, bookmarks: false, after: 1)!;
        Change(2);
        Assert.True(waiting.TryTake(out _));
        waiting.StopWith(cancelling.Token);
        behind.StopWith(cancelling.Token);
        var wait = waiting.WaitAsync();
        await cancelling.CancelAsync();
        Change(3);
        Assert.False(await wait);
        Assert.True(await behind.WaitAsync());
        Assert.True(behind.TryTake(out var item));
        Assert.Equal(2, item.Revision);
        Assert.False(await behind.WaitAsync(), "what came after the end is not for it");
    }

    [Fact]
    public void A_watch_from_before_what_is_remembered_is_refused() => Assert.Null(cache.Watch(Selection.All, bookmarks: false, after: 0));

    private void Change(long revision, int size = 0)
    {
        var key = new StoreKey(maps, "default", "a");
        var value = Encoding.UTF8.GetBytes($$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"{{{revision}}}","name":"a"},"x":"{{{new string('x', size)}}}"}""");
        cache.Apply([(key, new CacheEntry(key, value, revision), revision)], DateTimeOffset.UnixEpoch);
    }
}
