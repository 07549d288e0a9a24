using System.Text;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.TestKit;

namespace Flotilla.Robustness;

/// <summary>Nothing but heartbeats and events, for a simulated day (a week in the long form): nothing may grow.</summary>
/// <remarks>Alone, because it measures the memory of the whole process.</remarks>
[Collection(nameof(IdleGrowthTests)), CollectionDefinition(nameof(IdleGrowthTests), DisableParallelization = true)]
public sealed class IdleGrowthTests
{
    private const int Nodes = 10;
    private const int Settled = 2;
    private static readonly int Hours = Stores.IsLongForm ? 7 * 24 : 24;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EventLife = TimeSpan.FromHours(1);
    private readonly ManualClock clock = new();
    private long ticks;
    private long eventLease;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_cluster_stays_as_large_as_it_is()
    {
        var directory = Directory.CreateTempSubdirectory("robustness");
        await using (var store = await EmbeddedStore.OpenAsync(new() { Directory = directory.FullName, Clock = clock }, Cancellation))
        {
            var settled = 0L;
            for (var hour = 1; hour <= Hours; hour++)
            {
                await LiveThroughAnHourAsync(store);
                await BoundedAsync(store);
                settled = hour == Settled ? GC.GetTotalMemory(forceFullCollection: true) : settled;
            }

            var lease = await store.RangeAsync(new(KeyRange.One("/registry/leases/node-0"u8.ToArray())), Cancellation);
            Assert.Equal(Hours * 360, lease.KeyValues[0].Version);
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, settled + 4_000_000);
        }

        Assert.InRange(directory.EnumerateFiles().Sum(static file => file.Length), 0, 14_000_000);
        directory.Delete(recursive: true);
    }

    private async Task LiveThroughAnHourAsync(EmbeddedStore store)
    {
        for (var ticksLeft = TimeSpan.FromHours(1).Ticks / Heartbeat.Ticks; ticksLeft > 0; ticksLeft--)
        {
            var writes = Enumerable.Range(0, Nodes).Select(node => PutAsync(store, $"/registry/leases/node-{node}", 400)).ToList();
            writes.Add(PutAsync(store, $"/registry/events/{ticks}", 900, await EventLeaseAsync(store)));
            if (ticks++ % 30 == 0)
            {
                writes.AddRange(Enumerable.Range(0, Nodes).Select(node => PutAsync(store, $"/registry/nodes/node-{node}", 8_000)));
            }

            await Task.WhenAll(writes);
            clock.Advance(Heartbeat);
        }
    }

    /// <summary>As in the API server, the events of a minute share a lease.</summary>
    private async Task<long> EventLeaseAsync(EmbeddedStore store)
    {
        if (ticks % 6 == 0)
        {
            eventLease = (await store.GrantLeaseAsync(0, EventLife, Cancellation)).Id;
        }

        return eventLease;
    }

    /// <summary>What the clock has set off is done by other threads: sooner or later all of it is.</summary>
    private Task BoundedAsync(EmbeddedStore store) => Eventually.TrueAsync(
        async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return store is { MemoryBytes: < 1_200_000, DiskBytes: < 12_000_000 } &&
                (await store.ListLeasesAsync(Cancellation)).Count <= 62 &&
                (await store.RangeAsync(new(KeyRange.Prefix("/registry/events/"u8.ToArray()), CountOnly: true), Cancellation)).Count <= 6 * 62;
        },
        $"memory, directory, leases and events are bounded after {ticks} heartbeats");

    private static async Task PutAsync(EmbeddedStore store, string key, int length, long lease = 0)
    {
        var put = new StoreOperation.Put(Encoding.UTF8.GetBytes(key), new byte[length], lease);
        Assert.Equal(TxnOutcome.Done, (await store.TxnAsync(new([], [put], []), Cancellation)).Outcome);
    }
}
