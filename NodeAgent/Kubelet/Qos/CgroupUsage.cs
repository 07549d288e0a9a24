namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>What the kernel has counted of one cgroup: cpu in nanoseconds since its start, memory in bytes.</summary>
public readonly record struct CgroupUsage
{
    public ulong CpuNanoseconds { get; init; }
    public ulong Memory { get; init; }

    /// <summary>Memory without what the kernel could drop at once: files that nobody has read for a while.</summary>
    public ulong WorkingSet { get; init; }
    public ulong Rss { get; init; }
    public ulong Cache { get; init; }
    public ulong PageFaults { get; init; }
    public ulong MajorPageFaults { get; init; }

    /// <summary>0 when there is none.</summary>
    public ulong MemoryLimit { get; init; }
    public ulong Processes { get; init; }
    public ulong Periods { get; init; }
    public ulong ThrottledPeriods { get; init; }
    public ulong ThrottledNanoseconds { get; init; }
    public ulong OutOfMemoryKills { get; init; }
}
