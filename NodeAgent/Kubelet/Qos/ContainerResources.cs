using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>The kernel's numbers for a container, by the kubelet's formulas.</summary>
public static class ContainerResources
{
    /// <summary>Microseconds of one CFS period.</summary>
    public const long CpuPeriod = 100_000;

    private const long LeastQuota = 1_000;
    private const long LeastShares = 2;
    private const long MostShares = 262_144;

    public static LinuxContainerResources Of(PodSpec spec, PodContainer container, long nodeMemory, bool cgroupV2)
    {
        var resources = container.Spec.Resources;
        var request = resources?.Requests?.ContainsKey("cpu") == true ? resources.Requests.MilliCpu() : resources?.Limits.MilliCpu() ?? 0;
        var limit = resources?.Limits.MilliCpu() ?? 0;
        var result = new LinuxContainerResources
        {
            CpuShares = Shares(request),
            MemoryLimitInBytes = resources?.Limits.Memory() ?? 0,
            OomScoreAdj = OomScoreAdjust(spec, container, nodeMemory),
        };
        if (limit > 0)
        {
            result.CpuPeriod = CpuPeriod;
            result.CpuQuota = Quota(limit);
        }

        if (cgroupV2)
        {
            // An out-of-memory kill takes the whole container, never one process of it.
            result.Unified["memory.oom.group"] = "1";
        }

        return result;
    }

    public static long Shares(long milliCpu) => milliCpu == 0 ? LeastShares : Math.Clamp(milliCpu * 1024 / 1000, LeastShares, MostShares);

    public static long Quota(long milliCpu) => milliCpu == 0 ? 0 : Math.Max(milliCpu * CpuPeriod / 1000, LeastQuota);

    /// <summary>Shares (2..262144) to cgroup v2's weight (1..10000).</summary>
    public static long Weight(long shares) => 1 + ((Math.Clamp(shares, LeastShares, MostShares) - 2) * 9999 / 262142);

    /// <summary>
    /// -998 guaranteed, 1000 best effort, between them 1000 − 1000 · request / capacity, kept within 2..999. What a pod asks for beyond its
    /// containers' requests counts for each of them in equal parts, and a sidecar for no less than the container beside it that asked for least.
    /// </summary>
    public static long OomScoreAdjust(PodSpec spec, PodContainer container, long nodeMemory)
    {
        if (spec.PriorityClassName == "system-node-critical")
        {
            return -998;
        }

        return PodQos.ClassOf(spec) switch
        {
            PodQos.Guaranteed => -998,
            PodQos.BestEffort => 1000,
            _ => Math.Clamp(1000 - (1000 * (MemoryOf(spec, container) + ShareOfPod(spec)) / Math.Max(nodeMemory, 1)), 2, 999),
        };
    }

    private static long MemoryOf(PodSpec spec, PodContainer container)
    {
        var own = container.Spec.Resources?.Requests.Memory() ?? 0;
        return container.Kind == ContainerKind.Sidecar ? Math.Max(own, spec.Main().Min(main => main.Spec.Resources?.Requests.Memory() ?? 0)) : own;
    }

    private static long ShareOfPod(PodSpec spec)
    {
        var whole = spec.Resources?.Requests.Memory() ?? 0;
        var containers = PodResources.Of(spec with { Resources = null }).MemoryRequest;
        return whole > containers ? (whole - containers) / (spec.Main().Count + spec.Init().Count) : 0;
    }
}
