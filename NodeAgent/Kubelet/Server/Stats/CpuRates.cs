using System.Collections.Concurrent;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>
/// Turns counters into rates, from one request to the next: nothing is sampled while nobody asks. The first answer is the
/// average since the start; requests that follow at once get the rate of the last whole interval.
/// </summary>
internal sealed class CpuRates
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Sample> samples = new(StringComparer.Ordinal);

    public ulong NanoCores(string key, ulong cpuNanoseconds, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var before = samples.TryGetValue(key, out var known) && known.Time >= startedAt && known.CpuNanoseconds <= cpuNanoseconds && now - known.Time < Forgotten
            ? known
            : new(startedAt, 0, null);
        if (before.Rate is { } recent && now - before.Time < LeastInterval)
        {
            return recent;
        }

        var seconds = (now - before.Time).TotalSeconds;
        var rate = seconds > 0 ? (ulong)((cpuNanoseconds - before.CpuNanoseconds) / seconds) : 0;
        samples[key] = new(now, cpuNanoseconds, rate);
        return rate;
    }

    /// <summary>Drops what nobody has asked for in a while.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var (key, _) in samples.Where(pair => now - pair.Value.Time > Forgotten))
        {
            samples.TryRemove(key, out _);
        }
    }

    private readonly record struct Sample(DateTimeOffset Time, ulong CpuNanoseconds, ulong? Rate);
}
