using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.Robustness.Histories;

/// <summary>Concurrent clients that put, compare-and-swap, delete and read a few keys, and write down what they saw.</summary>
internal sealed class Traffic(int seed)
{
    private const int Keys = 6;
    private int values;

    public ConcurrentQueue<RecordedOperation> Operations { get; } = new();

    public Task RunAsync(IStore store, int clients, int operations, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(
            () => RunClientAsync(store, new(seed * 1000 + client), operations, cancellationToken), cancellationToken)));

    private async Task RunClientAsync(IStore store, Random random, int operations, CancellationToken cancellationToken)
    {
        var known = 0L;
        for (var i = 0; i < operations && !cancellationToken.IsCancellationRequested; i++)
        {
            if (random.Next(3) == 0)
            {
                known = await ReadAsync(store, random, known, cancellationToken);
            }
            else
            {
                await WriteAsync(store, Transaction(random, known), cancellationToken);
            }
        }
    }

    private async Task<long> ReadAsync(IStore store, Random random, long known, CancellationToken cancellationToken)
    {
        var request = new RangeRequest(random.Next(2) == 0 ? KeyRange.Prefix(Bytes("k")) : KeyRange.One(Key(random)));
        var called = Stopwatch.GetTimestamp();
        try
        {
            var read = await store.RangeAsync(request, cancellationToken);
            Operations.Enqueue(new(called, Stopwatch.GetTimestamp(), null, null, request, read));
            return read.KeyValues.Count > 0 ? read.KeyValues[^1].ModRevision : known;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return known;
        }
    }

    private async Task WriteAsync(IStore store, TxnRequest request, CancellationToken cancellationToken)
    {
        var called = Stopwatch.GetTimestamp();
        try
        {
            var result = await store.TxnAsync(request, cancellationToken);
            Operations.Enqueue(new(called, Stopwatch.GetTimestamp(), request, result, null, null));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            Operations.Enqueue(new(called, long.MaxValue, request, null, null, null));
        }
    }

    private TxnRequest Transaction(Random random, long known)
    {
        var key = Key(random);
        switch (random.Next(4))
        {
            case 0:
                return new([], [Put(key)], []);
            case 1:
                return new([], [new StoreOperation.Delete(KeyRange.One(key))], []);
            case 2:
                return new(
                    [new(KeyRange.One(key), CompareTarget.ModRevision, CompareOperator.Equal, known)],
                    [Put(key)], [new StoreOperation.Read(new(KeyRange.One(key)))]);
            default:
                return new([], [Put(Bytes("k0")), Put(Bytes("k1")), new StoreOperation.Delete(KeyRange.One(Bytes("k2")))], []);
        }
    }

    private StoreOperation.Put Put(ReadOnlyMemory<byte> key) =>
        new(key, Bytes(Interlocked.Increment(ref values).ToString(CultureInfo.InvariantCulture)), StampAt: 0);

    private static ReadOnlyMemory<byte> Key(Random random) => Bytes($"k{random.Next(Keys)}");

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
