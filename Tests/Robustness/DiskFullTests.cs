using Flotilla.ClusterCore.Storage;
using Flotilla.Robustness.Faults;
using Flotilla.TestKit;

namespace Flotilla.Robustness;

public sealed class DiskFullTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_puts_serves_reads_and_deletions_and_recovers()
    {
        var disk = new MemoryDisk { Capacity = 2 * 1024 * 1024 };
        await using var store = await Stores.OpenAsync(disk);
        var written = 0;
        TxnResult result;
        while ((result = await Stores.TryPutAsync(store, $"k{written}", new string('v', 10_000))).Outcome == TxnOutcome.Done)
        {
            written++;
        }

        Assert.Equal(TxnOutcome.NoSpace, result.Outcome);
        Assert.InRange(written, 50, 200);
        Assert.True(store.IsFull);
        Assert.Equal(written, (await store.RangeAsync(new(KeyRange.Prefix("k"u8.ToArray()), CountOnly: true), Cancellation)).Count);
        for (var i = 0; i < written; i++)
        {
            Assert.Equal(TxnOutcome.Done, (await Stores.DeleteAsync(store, $"k{i}")).Outcome);
        }

        Assert.Equal(TxnOutcome.NoSpace, (await Stores.TryPutAsync(store, "k", "v")).Outcome);
        disk.Capacity = long.MaxValue;
        await Eventually.TrueAsync(async () => (await Stores.TryPutAsync(store, "k", "v")).Outcome == TxnOutcome.Done, "writes go on");
        Assert.False(store.IsFull);
        await store.DisposeAsync();
        await using var again = await Stores.OpenAsync(disk);
        Assert.Equal(1, (await again.RangeAsync(new(KeyRange.Prefix("k"u8.ToArray()), CountOnly: true), Cancellation)).Count);
    }
}
