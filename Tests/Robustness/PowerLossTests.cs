using System.Globalization;
using System.Text;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.Robustness.Faults;

namespace Flotilla.Robustness;

/// <summary>Power is lost at any moment while the store compacts, snapshots and drops log files under load.</summary>
public sealed class PowerLossTests
{
    private const int Clients = 6;
    private const int Moments = 5;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Stores.IsLongForm ? 100 : 4)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Seeds))]
    public async Task What_was_acknowledged_by_then_is_there(int seed)
    {
        var random = new Random(seed);
        var disk = new MemoryDisk();
        var (attempted, acknowledged) = (new long[Clients], new long[Clients]);
        await using var store = await OpenAsync(disk);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = Enumerable.Range(0, Clients).Select(client => Task.Run(() => WriteAsync(store, client, attempted, acknowledged, stop.Token))).ToList();
        for (var moment = 0; moment < Moments; moment++)
        {
            await Task.Delay(random.Next(1, 150), Cancellation);
            var atLeast = Enumerable.Range(0, Clients).Select(client => Volatile.Read(ref acknowledged[client])).ToList();
            var after = disk.Crash(random);
            var atMost = Enumerable.Range(0, Clients).Select(client => Volatile.Read(ref attempted[client])).ToList();
            await CheckAsync(after, atLeast, atMost);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writing);
        Assert.True(store.CompactedRevision > 0, "nothing was compacted: the test proves less than it should");
        Assert.Contains(disk.Names(), static name => name.StartsWith("snapshot-", StringComparison.Ordinal));
    }

    private static async Task WriteAsync(EmbeddedStore store, int client, long[] attempted, long[] acknowledged, CancellationToken stop)
    {
        var padding = new string('.', 500);
        for (var number = 1L; !stop.IsCancellationRequested; number++)
        {
            Volatile.Write(ref attempted[client], number);
            _ = await Stores.PutAsync(store, $"c{client}", $"{number}{padding}");
            Volatile.Write(ref acknowledged[client], number);
        }
    }

    private static async Task CheckAsync(MemoryDisk disk, List<long> atLeast, List<long> atMost)
    {
        await using var store = await OpenAsync(disk);
        for (var client = 0; client < Clients; client++)
        {
            var range = await store.RangeAsync(new(KeyRange.One(Encoding.UTF8.GetBytes($"c{client}"))), Cancellation);
            var item = range.KeyValues.SingleOrDefault();
            var number = item is null ? 0 : long.Parse(Encoding.UTF8.GetString(item.Value.Span).TrimEnd('.'), CultureInfo.InvariantCulture);
            Assert.InRange(number, atLeast[client], atMost[client]);
            Assert.Equal(number, item?.Version ?? 0);
        }

        var before = store.Revision;
        Assert.Equal(before + 1, await Stores.PutAsync(store, "after", "x"));
    }

    private static Task<EmbeddedStore> OpenAsync(MemoryDisk disk) => EmbeddedStore.OpenAsync(
        new() { Directory = "memory", OpenFiles = _ => disk.Open(), SegmentBytes = 8 * 1024, HistoryBytes = 30_000 }, Cancellation);
}
