using System.Diagnostics;

namespace Flotilla.Benchmarks.Api;

/// <param name="Milliseconds">Of each request, from sent to answered.</param>
/// <param name="ServerCpu">Of the server, over all requests.</param>
internal sealed record LoadResult(Samples Milliseconds, TimeSpan Elapsed, TimeSpan ServerCpu)
{
    public double PerSecond => Milliseconds.Count / Elapsed.TotalSeconds;

    public double CpuPerRequest => ServerCpu.TotalMilliseconds / Milliseconds.Count;
}

/// <summary>Clients that each wait for an answer before they ask again.</summary>
internal static class Loads
{
    public static async Task<LoadResult> RunAsync(
        this ApiServerProcess server, IReadOnlyCollection<Http2Connection> clients, TimeSpan duration, Func<Http2Connection, long, Task> request)
    {
        var number = 0L;
        var (cpu, watch) = (server.CpuTime, Stopwatch.StartNew());
        var parts = await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            var samples = new List<double>();
            while (watch.Elapsed < duration)
            {
                var began = Stopwatch.GetTimestamp();
                await request(client, Interlocked.Increment(ref number));
                samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return samples;
        })));
        var (elapsed, used) = (watch.Elapsed, server.CpuTime - cpu);
        var all = new Samples();
        foreach (var sample in parts.SelectMany(static part => part)) { all.Add(sample); }
        return new(all, elapsed, used);
    }

    /// <summary>Does each number once, spread over the clients.</summary>
    public static async Task ForAllAsync(this IReadOnlyCollection<Http2Connection> clients, int count, Func<Http2Connection, int, Task> request)
    {
        var next = -1;
        await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next)) { await request(client, i); }
        })));
    }
}
