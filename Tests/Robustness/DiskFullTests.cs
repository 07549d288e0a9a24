using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Etcd.Client;
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

    [Fact]
    public async Task A_control_plane_on_a_full_disk_says_so_and_recovers_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 16);
        await using var cluster = await ControlPlaneProcess.StartAsync(disk.Path);
        using var large = await LargeFile.MakeAsync(900_000);
        var written = 0;
        (int Code, string Output) answer;
        while ((answer = await cluster.KubectlAsync("create", "configmap", $"large-{written}", $"--from-file={large.Path}")).Code == 0)
        {
            written++;
        }

        Assert.Contains("disk or quota is full: only reads and deletes are possible", answer.Output, StringComparison.Ordinal);
        Assert.InRange(written, 5, 20);
        Assert.Equal((0, "large-0"), await cluster.KubectlAsync("get", "configmap", "large-0", "-o", "jsonpath={.metadata.name}"));
        Assert.Equal(0, (await cluster.KubectlAsync("delete", "configmap", "large-0")).Code);
        await disk.ResizeAsync(megabytes: 64);
        await Eventually.TrueAsync(
            async () => (await cluster.KubectlAsync("create", "configmap", "after", $"--from-file={large.Path}")).Code == 0, "writes go on", TimeSpan.FromMinutes(1));
        var names = (await cluster.KubectlAsync("get", "configmaps", "-o", "name")).Output.Split('\n');
        Assert.Equal(written, names.Count(static name => name.Contains("/large-", StringComparison.Ordinal)) + 1);
        Assert.Contains("configmap/after", names);
    }

    [Fact]
    public async Task What_is_deleted_makes_room_on_a_full_disk()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 24);
        await using var server = await StoreProcess.StartAsync(disk.Path, Cancellation, "--history-age", "00:00:01");
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = [server.Endpoint], HistoryAge = Timeout.InfiniteTimeSpan }, Cancellation);
        var written = 0;
        while ((await Stores.TryPutAsync(store, $"k{written}", new string('v', 100_000))).Outcome == TxnOutcome.Done)
        {
            written++;
        }

        Assert.InRange(written, 100, 250);
        for (var i = 0; i < written; i++)
        {
            Assert.Equal(TxnOutcome.Done, (await Stores.DeleteAsync(store, $"k{i}")).Outcome);
        }

        var drive = new DriveInfo(disk.Path);
        await Eventually.TrueAsync(() => drive.AvailableFreeSpace > 12_000_000, "the files shrink", TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(
            async () => (await Stores.TryPutAsync(store, "k", "v")).Outcome == TxnOutcome.Done, "writes go on", TimeSpan.FromMinutes(1));
    }
}
