using System.Text;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Storage.Tests.Embedded;

public sealed class DurabilityTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_store_opens_as_it_was_closed()
    {
        long leaseId, revision;
        await using (var store = await OpenAsync())
        {
            leaseId = (await store.GrantLeaseAsync(0, TimeSpan.FromMinutes(5), Cancellation)).Id;
            _ = await PutAsync(store, "a", "1");
            _ = await PutAsync(store, "a", "2");
            _ = await PutAsync(store, "leased", "x", leaseId);
            revision = await DeleteAsync(store, "a");
        }

        await using (var store = await OpenAsync())
        {
            Assert.Equal(revision, store.Revision);
            Assert.Empty((await ReadAsync(store, "a")).KeyValues);
            Assert.Equal("2", Encoding.UTF8.GetString((await ReadAsync(store, "a", revision - 1)).KeyValues[0].Value.Span));
            Assert.Single((await store.FindLeaseAsync(leaseId, Cancellation))!.Keys);
            var events = await EventsAsync(store, 2, 4);
            Assert.Equal([2L, 3, 4, 5], events.Select(static change => change.KeyValue.ModRevision));
            Assert.Equal(revision + 1, await PutAsync(store, "a", "3"));
        }
    }

    [Fact]
    public async Task A_second_opener_is_kept_out()
    {
        await using var store = await OpenAsync();
        _ = await Assert.ThrowsAsync<StoreLockedException>(OpenAsync);
    }

    [Fact]
    public async Task Snapshots_bound_the_log_and_keep_what_can_be_watched()
    {
        var value = new string('v', 1000);
        long compacted, revision = 0;
        await using (var store = await OpenAsync(segmentBytes: 64 * 1024))
        {
            for (var i = 0; i < 1_000; i++)
            {
                revision = await PutAsync(store, $"k{i % 10}", value);
            }

            _ = await DeleteAsync(store, "k3");
            compacted = await DeleteAsync(store, "k4");
            _ = await store.CompactAsync(compacted, Cancellation);
            revision = await PutAsync(store, "k5", "last");
            await Eventually.TrueAsync(() => store.DiskBytes < 300_000, "old segments are deleted");
        }

        Assert.True(Directory.GetFiles(directory.Path).Sum(static file => new FileInfo(file).Length) < 1_200_000);
        await using (var store = await OpenAsync())
        {
            Assert.Equal((revision, compacted), (store.Revision, store.CompactedRevision));
            Assert.Equal(8, (await store.RangeAsync(new(KeyRange.Prefix(default)), Cancellation)).Count);
            Assert.Equal(
                [(StoreEventKind.Delete, compacted), (StoreEventKind.Put, revision)],
                (await EventsAsync(store, compacted, 2)).Select(static change => (change.Kind, change.KeyValue.ModRevision)));
            Assert.Equal(91 + 10, (await ReadAsync(store, "k5")).KeyValues[0].Version);
        }
    }

    [Fact]
    public async Task History_over_its_bound_is_compacted_by_itself()
    {
        await using var store = await EmbeddedStore.OpenAsync(new() { Directory = directory.Path, HistoryBytes = 100_000 }, Cancellation);
        for (var i = 0; i < 1_000; i++)
        {
            _ = await PutAsync(store, "a", new string('v', 1000));
        }

        await Eventually.TrueAsync(() => store.MemoryBytes < 110_000, "old revisions are forgotten");
        Assert.InRange(store.CompactedRevision, 500, 1_000);
        Assert.True((await ReadAsync(store, "a", 100)).Compacted);
        Assert.Equal(1_000, (await ReadAsync(store, "a")).KeyValues[0].Version);
    }

    [Fact]
    public async Task A_backup_opens_elsewhere_with_the_same_content()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 100; i++)
        {
            _ = await PutAsync(store, $"k{i}", new string('v', 5_000));
        }

        var backup = Path.Combine(directory.Path, "..", $"{Guid.NewGuid():n}.backup");
        var (revision, _) = await StoreFiles.BackUpAsync(directory.Path, backup, Cancellation);
        _ = await PutAsync(store, "after", "1");
        using var elsewhere = new TemporaryDirectory();
        StoreFiles.Restore(backup, elsewhere.Path);
        File.Delete(backup);
        await using var restored = await EmbeddedStore.OpenAsync(new() { Directory = elsewhere.Path }, Cancellation);
        Assert.Equal((revision, 100L), (restored.Revision, (await restored.RangeAsync(new(KeyRange.Prefix(default)), Cancellation)).Count));
        Assert.Equal(revision + 1, await PutAsync(restored, "after", "2"));
        await foreach (var batch in restored.WatchAsync(new(KeyRange.Prefix(default), revision), Cancellation))
        {
            Assert.True(batch.CompactedAt > 0);
        }
    }

    [Fact]
    public async Task A_restore_over_a_store_is_refused()
    {
        using var elsewhere = new TemporaryDirectory();
        await using var store = await OpenAsync();
        _ = await PutAsync(store, "a", "1");
        var backup = Path.Combine(elsewhere.Path, "backup");
        _ = await StoreFiles.BackUpAsync(directory.Path, backup, Cancellation);
        _ = Assert.Throws<IOException>(() => StoreFiles.Restore(backup, directory.Path));
    }

    private Task<EmbeddedStore> OpenAsync() => OpenAsync(16 * 1024 * 1024);

    private Task<EmbeddedStore> OpenAsync(long segmentBytes) => EmbeddedStore.OpenAsync(
        new() { Directory = directory.Path, HistoryAge = Timeout.InfiniteTimeSpan, SegmentBytes = segmentBytes }, Cancellation);

    private static async Task<long> PutAsync(EmbeddedStore store, string key, string value, long lease = 0) =>
        (await store.TxnAsync(new([], [new StoreOperation.Put(Bytes(key), Bytes(value), lease)], []), Cancellation)).Revision;

    private static async Task<long> DeleteAsync(EmbeddedStore store, string key) =>
        (await store.TxnAsync(new([], [new StoreOperation.Delete(KeyRange.One(Bytes(key)))], []), Cancellation)).Revision;

    private static async Task<RangeResult> ReadAsync(EmbeddedStore store, string key, long revision = 0) =>
        await store.RangeAsync(new(KeyRange.One(Bytes(key)), revision), Cancellation);

    private static async Task<List<StoreEvent>> EventsAsync(EmbeddedStore store, long from, int count)
    {
        var events = new List<StoreEvent>();
        await foreach (var batch in store.WatchAsync(new(KeyRange.Prefix(default), from), Cancellation))
        {
            Assert.Equal(0, batch.CompactedAt);
            events.AddRange(batch.Events);
            if (events.Count >= count)
            {
                break;
            }
        }

        return events;
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
