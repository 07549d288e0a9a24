using System.Globalization;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Eviction;

/// <summary>
/// When a signal is too low: below an amount (<c>memory.available&lt;100Mi</c>) or a share of the whole
/// (<c>nodefs.available&lt;10%</c>). A soft one must stay so for a grace period; a hard one has none.
/// </summary>
public sealed record EvictionThreshold(string Signal, long? Amount, double? Share, TimeSpan Grace = default)
{
    /// <summary>Upstream's defaults, and one for processes, so that a fork bomb in one pod is nobody else's.</summary>
    public const string DefaultHard = "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%,pid.available<2%";

    private static readonly string[] Signals =
    [
        EvictionSignal.MemoryAvailable, EvictionSignal.AllocatableMemoryAvailable, EvictionSignal.NodeFsAvailable, EvictionSignal.NodeFsInodesFree,
        EvictionSignal.ImageFsAvailable, EvictionSignal.ImageFsInodesFree, EvictionSignal.PidAvailable,
    ];

    /// <summary>How much of the signal must be there.</summary>
    public long Least(long capacity) => Amount ?? (long)(capacity * Share!.Value);

    /// <param name="text">As the kubelet's <c>--eviction-hard</c> and <c>--eviction-soft</c>.</param>
    /// <param name="graces">As <c>--eviction-soft-grace-period</c>: <c>memory.available=1m30s</c>. Null for hard thresholds.</param>
    /// <exception cref="FormatException">What is wrong with the text.</exception>
    public static IReadOnlyList<EvictionThreshold> Parse(string text, string? graces = null)
    {
        var periods = (graces ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=', 2))
            .ToDictionary(parts => parts[0].Trim(), parts => Duration(parts.ElementAtOrDefault(1) ?? ""), StringComparer.Ordinal);
        return [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(entry => One(entry, graces is null ? null : periods))];
    }

    private static EvictionThreshold One(string entry, Dictionary<string, TimeSpan>? graces)
    {
        if (entry.Split('<') is not [var signal, var value] || !Signals.Contains(signal))
        {
            throw new FormatException($"'{entry}' is no eviction threshold: it must be SIGNAL<AMOUNT with one of the signals {string.Join(", ", Signals)}");
        }

        var grace = TimeSpan.Zero;
        if (graces?.TryGetValue(signal, out grace) == false)
        {
            throw new FormatException($"the soft threshold of {signal} has no grace period");
        }

        if (value.EndsWith('%'))
        {
            return double.TryParse(value[..^1], CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
                ? new(signal, null, percent / 100, grace)
                : throw new FormatException($"'{value}' is no share of {signal}");
        }

        return Quantity.TryParse(value, out var amount) ? new(signal, amount.Value, null, grace) : throw new FormatException($"'{value}' is no amount of {signal}");
    }

    private static TimeSpan Duration(string text) =>
        GoDuration.TryParse(text, out var nanoseconds) ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : throw new FormatException($"'{text}' is no duration");
}

/// <summary>What is watched, in upstream's words.</summary>
public static class EvictionSignal
{
    public const string MemoryAvailable = "memory.available";
    public const string AllocatableMemoryAvailable = "allocatableMemory.available";
    public const string NodeFsAvailable = "nodefs.available";
    public const string NodeFsInodesFree = "nodefs.inodesFree";
    public const string ImageFsAvailable = "imagefs.available";
    public const string ImageFsInodesFree = "imagefs.inodesFree";
    public const string PidAvailable = "pid.available";

    /// <summary>The node condition that a low signal makes true.</summary>
    public static string Condition(string signal) => signal switch
    {
        MemoryAvailable or AllocatableMemoryAvailable => "MemoryPressure",
        PidAvailable => "PIDPressure",
        _ => "DiskPressure",
    };

    /// <summary>The resource that pods use up, as messages name it.</summary>
    public static string Resource(string signal) => signal switch
    {
        MemoryAvailable or AllocatableMemoryAvailable => "memory",
        PidAvailable => "pids",
        NodeFsInodesFree or ImageFsInodesFree => "inodes",
        _ => "ephemeral-storage",
    };
}
