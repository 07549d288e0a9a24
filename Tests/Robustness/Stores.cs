using System.Text;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.Robustness.Faults;

namespace Flotilla.Robustness;

internal static class Stores
{
    /// <summary><c>deploy/test robustness</c> asks for it.</summary>
    public static bool IsLongForm { get; } = Environment.GetEnvironmentVariable("FLOTILLA_ROBUSTNESS") == "long";

    public static Task<EmbeddedStore> OpenAsync(MemoryDisk disk, TimeProvider? clock = null) => EmbeddedStore.OpenAsync(
        new()
        {
            Directory = "memory",
            HistoryAge = Timeout.InfiniteTimeSpan,
            OpenFiles = _ => disk.Open(),
            Clock = clock ?? TimeProvider.System,
            SegmentBytes = 16 * 1024,
        },
        TestContext.Current.CancellationToken);

    public static async Task<long> PutAsync(IStore store, string key, string value)
    {
        var result = await TryPutAsync(store, key, value);
        Assert.Equal(TxnOutcome.Done, result.Outcome);
        return result.Revision;
    }

    public static async Task<TxnResult> TryPutAsync(IStore store, string key, string value) => await store.TxnAsync(
        new([], [new StoreOperation.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value))], []),
        TestContext.Current.CancellationToken);

    public static async Task<TxnResult> DeleteAsync(IStore store, string key) => await store.TxnAsync(
        new([], [new StoreOperation.Delete(KeyRange.One(Encoding.UTF8.GetBytes(key)))], []), TestContext.Current.CancellationToken);
}
