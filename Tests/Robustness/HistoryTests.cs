using Flotilla.ClusterCore.Storage;
using Flotilla.Robustness.Faults;
using Flotilla.Robustness.Histories;

namespace Flotilla.Robustness;

/// <summary>Histories of concurrent clients against the reference model.</summary>
public sealed class HistoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Stores.IsLongForm ? 200 : 6)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Histories_are_linearizable_and_watches_keep_their_guarantees(int seed)
    {
        await using var store = await Stores.OpenAsync(new MemoryDisk());
        var traffic = new Traffic(seed);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var one = KeyRange.One("k1"u8.ToArray());
        var all = Watching.FollowAsync(store, new(Watching.Everything, 2, PreviousValues: true), stop.Token);
        var single = Watching.FollowAsync(store, new(one, 2), stop.Token);
        await traffic.RunAsync(store, clients: 8, operations: 400, Cancellation);
        var later = await Watching.CollectAsync(store, new(Watching.Everything, store.Revision / 2), Cancellation);
        var events = (await Watching.CollectAsync(store, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        await Task.Delay(50, Cancellation);
        await stop.CancelAsync();

        _ = Linearizability.Check(traffic.Operations, events);
        WatchGuarantees.Check(await all, Watching.Everything, 2, events);
        WatchGuarantees.Check(await single, one, 2, events);
        WatchGuarantees.Check(later, Watching.Everything, store.Revision / 2, events);
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task A_crash_loses_nothing_acknowledged_and_shows_nothing_that_never_was(int seed)
    {
        var disk = new MemoryDisk();
        var traffic = new Traffic(seed);
        var random = new Random(seed);
        var seen = new List<StoreEvent>();
        for (var round = 0; round < 5; round++)
        {
            var store = await Stores.OpenAsync(disk);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var watching = Watching.FollowAsync(store, new(Watching.Everything, store.Revision + 1), stop.Token);
            disk.FlushesLeft = random.Next(200);
            await traffic.RunAsync(store, clients: 6, operations: 100, Cancellation);
            await stop.CancelAsync();
            seen.AddRange((await watching).SelectMany(static batch => batch.Events));
            await store.DisposeAsync();
            disk.FlushesLeft = int.MaxValue;
            disk = disk.Crash(random);
        }

        await using var last = await Stores.OpenAsync(disk);
        var events = (await Watching.CollectAsync(last, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        _ = Linearizability.Check(traffic.Operations, events);
        Assert.Subset(events.Select(StoreModel.Describe).ToHashSet(), seen.Select(StoreModel.Describe).ToHashSet());
    }

    [Fact]
    public async Task A_failed_flush_stops_all_writes_and_no_reads()
    {
        var disk = new MemoryDisk();
        await using var store = await Stores.OpenAsync(disk);
        Assert.Equal(2, await Stores.PutAsync(store, "k1", "1"));
        disk.FlushesLeft = 0;
        _ = await Assert.ThrowsAsync<StoreUnavailableException>(() => Stores.PutAsync(store, "k1", "2"));
        disk.FlushesLeft = int.MaxValue;
        _ = await Assert.ThrowsAsync<StoreUnavailableException>(() => Stores.PutAsync(store, "k1", "3"));
        Assert.Equal(2, (await store.RangeAsync(new(KeyRange.One("k1"u8.ToArray())), Cancellation)).KeyValues[0].ModRevision);
        Assert.NotNull(store.Failure);
    }
}
