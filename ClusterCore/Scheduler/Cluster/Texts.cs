using System.Collections.Concurrent;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>Keeps one copy of the few texts that thousands of pods have alike: names of nodes, labels, images.</summary>
internal static class Texts
{
    private const int Capacity = 16_384;

    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    public static string Shared(string text) =>
        Known.TryGetValue(text, out var known) ? known : Known.Count < Capacity ? Known.GetOrAdd(text, text) : text;

    public static IReadOnlyDictionary<string, string>? Shared(IReadOnlyDictionary<string, string>? texts) =>
        texts?.ToDictionary(one => Shared(one.Key), one => Shared(one.Value), StringComparer.Ordinal);
}
