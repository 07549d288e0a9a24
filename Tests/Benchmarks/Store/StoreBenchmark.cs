using System.Diagnostics;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;

namespace Flotilla.Benchmarks.Store;

/// <summary>The store beside Debian's etcd on the same disk: embedded, behind its front, and its limits.</summary>
internal sealed class StoreBenchmark : IBenchmark
{
    private const int Runs = 3;
    private const int Million = 1_000_000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    public string Name => "store";

    public string Description => "durable puts, gets, ranges, watches and memory of the store, beside etcd's";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await EmptyAsync(cancellationToken);
        await using (var scratch = new ScratchDirectory())
        {
            await using var etcd = await StoreServer.StartEtcdAsync(Path.Combine(scratch.Path, "etcd"), cancellationToken);
            await using var ours = await StoreServer.StartOursAsync(Path.Combine(scratch.Path, "front"), cancellationToken);
            await using var embedded = await OpenAsync(Path.Combine(scratch.Path, "embedded"), cancellationToken);
            await using var peer = await etcd.ConnectAsync(cancellationToken);
            await using var front = await ours.ConnectAsync(cancellationToken);
            foreach (var store in (IStore[])[peer, front, embedded])
            {
                await StoreLoad.FillAsync(store, 10_000, cancellationToken);
            }

            await RatesAsync(peer, front, embedded, cancellationToken);
        }

        await WatchesAsync(cancellationToken);
        await MillionAsync(cancellationToken);
    }

    private static async Task RatesAsync(IStore peer, IStore front, IStore embedded, CancellationToken cancellationToken)
    {
        foreach (var clients in (int[])[1, 64])
        {
            await CompareAsync($"put-1k-{clients}", $"{clients} clients", peer, front, embedded,
                store => StoreLoad.PutsAsync(store, clients, Duration, cancellationToken));
            await CompareAsync($"get-{clients}", $"{clients} clients", peer, front, embedded,
                store => StoreLoad.GetsAsync(store, clients, Duration, cancellationToken));
        }

        await CompareAsync("range-10000", "1 client", peer, front, embedded, store => StoreLoad.RangesAsync(store, Duration, cancellationToken));
    }

    private static async Task CompareAsync(
        string name, string load, IStore peer, IStore front, IStore embedded, Func<IStore, Task<double>> measure)
    {
        var (peers, fronts, embeddeds) = (new Samples(), new Samples(), new Samples());
        for (var run = 0; run < Runs; run++)
        {
            peers.Add(await measure(peer));
            fronts.Add(await measure(front));
            embeddeds.Add(await measure(embedded));
        }

        new Figure($"store.embedded.{name}", Math.Round(embeddeds.Median, 1), "per second", Runs, load, Math.Round(peers.Median, 1)).Print();
        new Figure($"store.front.{name}", Math.Round(fronts.Median, 1), "per second", Runs, load, Math.Round(peers.Median, 1)).Print();
    }

    private static async Task WatchesAsync(CancellationToken cancellationToken)
    {
        await using var scratch = new ScratchDirectory();
        await using var store = await OpenAsync(scratch.Path, cancellationToken);
        // Uncounted: until the code is compiled for good, as the deployed one is from the start.
        _ = await WatchLoad.RunAsync(store, 10_000, 1_000, TimeSpan.FromSeconds(2), cancellationToken);
        var delays = await WatchLoad.RunAsync(store, 10_000, 1_000, TimeSpan.FromSeconds(5), cancellationToken);
        const string Load = "10,000 watches on one prefix, 1,000 events per second";
        new Figure("store.embedded.watch-delay-p50", Math.Round(delays.Median, 2), "ms", 1, Load).Print();
        new Figure("store.embedded.watch-delay-p99", Math.Round(delays.Percentile(99), 2), "ms", 1, Load).Print();
    }

    private static async Task MillionAsync(CancellationToken cancellationToken)
    {
        await using var scratch = new ScratchDirectory();
        await using (var store = await OpenAsync(scratch.Path, cancellationToken))
        {
            await StoreLoad.FillAsync(store, Million, cancellationToken);
        }

        const string Load = "1,000,000 keys of 1 KB";
        var (opens, memory) = (new Samples(), new Samples());
        for (var run = 0; run < Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            await using var server = await StoreServer.StartOursAsync(scratch.Path, cancellationToken);
            opens.Add(watch.Elapsed.TotalSeconds);
            memory.Add(server.ProportionalSetSize / (double)Million / (1024 + StoreLoad.Key(0).Length));
        }

        new Figure("store.million-keys.open", Math.Round(opens.Median, 2), "s", Runs, $"{Load}; process start included").Print();
        new Figure("store.million-keys.memory", Math.Round(memory.Median, 2), "times the data", Runs, Load).Print();
    }

    /// <summary>
    /// Runs first, while this process is still little more than the runtime. Pages of program files do not count: how many of
    /// them are mapped, and whose they are, depends on what else runs on the machine.
    /// </summary>
    private static async Task EmptyAsync(CancellationToken cancellationToken)
    {
        await using var scratch = new ScratchDirectory();
        var before = StoreServer.Memory(Environment.ProcessId, "Anonymous:");
        await using var store = await OpenAsync(scratch.Path, cancellationToken);
        _ = await store.TxnAsync(new([], [StoreLoad.Put(0)], []), cancellationToken);
        new Figure("store.embedded.empty-memory", Megabytes(StoreServer.Memory(Environment.ProcessId, "Anonymous:") - before), "MB", 1, "an empty store; without pages of program files").Print();
    }

    private static Task<EmbeddedStore> OpenAsync(string directory, CancellationToken cancellationToken) =>
        EmbeddedStore.OpenAsync(new() { Directory = directory }, cancellationToken);

    private static double Megabytes(long bytes) => Math.Round(bytes / 1e6, 1);
}
