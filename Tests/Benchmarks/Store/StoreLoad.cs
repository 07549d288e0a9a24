using System.Diagnostics;
using System.Text;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.Benchmarks.Store;

/// <summary>Loads put on any engine alike.</summary>
internal static class StoreLoad
{
    private static readonly byte[] Value = MakeValue();

    public static ReadOnlyMemory<byte> Key(long number) => Encoding.UTF8.GetBytes($"/registry/bench/{number:d10}");

    public static StoreOperation.Put Put(long number) => new(Key(number), Value);

    /// <summary>Operations per second, each client waiting for its answer before it goes on.</summary>
    public static async Task<double> RateAsync(int clients, TimeSpan duration, Func<long, Task> operation)
    {
        var done = 0L;
        var next = 0L;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            while (watch.Elapsed < duration)
            {
                await operation(Interlocked.Increment(ref next));
                Interlocked.Increment(ref done);
            }
        })));
        return Interlocked.Read(ref done) / watch.Elapsed.TotalSeconds;
    }

    public static Task<double> PutsAsync(IStore store, int clients, TimeSpan duration, CancellationToken cancellationToken) =>
        RateAsync(clients, duration, async number => await store.TxnAsync(new([], [Put(number % 10_000)], []), cancellationToken));

    public static Task<double> GetsAsync(IStore store, int clients, TimeSpan duration, CancellationToken cancellationToken) =>
        RateAsync(clients, duration, async number => await store.RangeAsync(new(KeyRange.One(Key(number % 10_000))), cancellationToken));

    public static Task<double> RangesAsync(IStore store, TimeSpan duration, CancellationToken cancellationToken) =>
        RateAsync(1, duration, async _ => await store.RangeAsync(
            new(KeyRange.Prefix(Encoding.UTF8.GetBytes("/registry/bench/")), Limit: 10_000), cancellationToken));

    /// <summary>Makes keys, many to a transaction.</summary>
    public static async Task FillAsync(IStore store, int count, CancellationToken cancellationToken)
    {
        const int Batch = 100;
        for (var begin = 0; begin < count; begin += Batch)
        {
            _ = await store.TxnAsync(new([], [.. Enumerable.Range(begin, Math.Min(Batch, count - begin)).Select(static i => (StoreOperation)Put(i))], []), cancellationToken);
        }
    }

    private static byte[] MakeValue()
    {
        var value = new byte[1024];
        new Random(1).NextBytes(value);
        return value;
    }
}
