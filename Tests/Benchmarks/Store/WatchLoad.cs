using System.Diagnostics;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.Benchmarks.Store;

/// <summary>Many watches on one prefix, and a writer at a steady pace.</summary>
internal static class WatchLoad
{
    /// <returns>Milliseconds from acknowledgement to delivery.</returns>
    public static async Task<Samples> RunAsync(IStore store, int watches, int perSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        var begin = store.Revision + 1;
        var count = (int)(perSecond * duration.TotalSeconds);
        var acknowledged = new long[count];
        var delays = new Samples();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = Enumerable.Range(0, watches)
            .Select(watch => WatchAsync(store, begin, acknowledged, watch % 100 == 0 ? delays : null, stop.Token)).ToList();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            while (clock.Elapsed.TotalSeconds < (double)i / perSecond)
            {
                await Task.Delay(1, cancellationToken);
            }

            _ = await store.TxnAsync(new([], [StoreLoad.Put(i % 1_000)], []), cancellationToken);
            Volatile.Write(ref acknowledged[i], Stopwatch.GetTimestamp());
        }

        await Task.WhenAll(watching);
        await stop.CancelAsync();
        return delays;
    }

    private static async Task WatchAsync(IStore store, long begin, long[] acknowledged, Samples? delays, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await foreach (var batch in store.WatchAsync(new(KeyRange.Prefix("/registry/bench/"u8.ToArray()), begin), cancellationToken))
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var change in delays is null ? [] : batch.Events)
            {
                // Delivered before the writer heard of it counts as no delay.
                var written = Volatile.Read(ref acknowledged[change.KeyValue.ModRevision - begin]);
                lock (delays!)
                {
                    delays.Add(written == 0 ? 0 : Math.Max(0, Stopwatch.GetElapsedTime(written, now).TotalMilliseconds));
                }
            }

            if (batch.Revision - begin == acknowledged.Length - 1)
            {
                return;
            }
        }
    }
}
