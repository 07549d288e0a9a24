using System.Diagnostics;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.Robustness.Faults;
using Flotilla.Robustness.Histories;
using Flotilla.TestKit;

namespace Flotilla.Robustness;

/// <summary>The machine's date jumps while leases run, and while the store compacts and snapshots under load.</summary>
public sealed class ClockJumpTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(2)]
    public async Task Leases_end_in_their_time_and_histories_stay_linearizable(int seed)
    {
        var (clock, disk, random) = (new JumpingClock(), new MemoryDisk(), new Random(seed));
        var traffic = new Traffic(seed);
        var newest = new TaskCompletionSource<long>();
        List<WatchBatch> seen;
        await using (var store = await OpenAsync(disk, clock))
        {
            var watching = Watching.FollowAsync(store, new(Watching.Everything, 2), newest.Task, Cancellation);
            var begun = Stopwatch.GetTimestamp();
            var (brief, lasting) = (await store.GrantLeaseAsync(0, Short, Cancellation), await store.GrantLeaseAsync(0, Long, Cancellation));
            var running = traffic.RunAsync(store, clients: 6, operations: 5_000, Cancellation);
            while (!running.IsCompleted || await store.FindLeaseAsync(brief.Id, Cancellation) is not null)
            {
                clock.Jump(random);
                _ = await Task.WhenAny(running, Task.Delay(5, Cancellation));
                Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(2), "the short lease did not end");
            }

            Assert.True(Stopwatch.GetElapsedTime(begun) >= Short);
            Assert.InRange((await store.FindLeaseAsync(lasting.Id, Cancellation))!.Remaining, Long - Stopwatch.GetElapsedTime(begun) - Short, Long);
            await Eventually.TrueAsync(() => disk.Names().Any(static name => name.StartsWith("snapshot-", StringComparison.Ordinal)), "a snapshot was made");
            newest.SetResult(store.Revision);
            await store.RequestProgressAsync(Cancellation);
            seen = await watching;
        }

        await using var again = await OpenAsync(disk, clock);
        var events = seen.SelectMany(static batch => batch.Events).ToList();
        Assert.All(seen, static batch => Assert.Equal(0, batch.CompactedAt));
        var model = Linearizability.Check(traffic.Operations, events);
        Assert.Equal(
            model.Read(Watching.Everything, model.Revision).Select(StoreModel.Describe),
            (await again.RangeAsync(new(Watching.Everything), Cancellation)).KeyValues.Select(StoreModel.Describe));
    }

    private static Task<EmbeddedStore> OpenAsync(MemoryDisk disk, TimeProvider clock) => EmbeddedStore.OpenAsync(
        new() { Directory = "memory", OpenFiles = _ => disk.Open(), Clock = clock, SegmentBytes = 16 * 1024, HistoryBytes = 1024 * 1024 },
        Cancellation);
}
