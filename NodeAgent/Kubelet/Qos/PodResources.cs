using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>A whole pod's numbers. A limit of 0 is none: one container without a limit leaves the pod without.</summary>
internal readonly record struct PodResources(long MilliCpuRequest, long MilliCpuLimit, long MemoryRequest, long MemoryLimit)
{
    /// <summary>Ordinary containers and sidecars add up; init containers run one at a time, so only the largest counts.</summary>
    public static PodResources Of(PodSpec spec)
    {
        if (spec.Overhead is { Count: > 0 } overhead)
        {
            // What the runtime class takes for itself comes on top of all else, where there is a limit of the limit too.
            var without = Of(spec with { Overhead = null });
            var (cpu, memory) = (overhead.MilliCpu(), overhead.Memory());
            return new(
                without.MilliCpuRequest + cpu,
                without.MilliCpuLimit > 0 ? without.MilliCpuLimit + cpu : 0,
                without.MemoryRequest + memory,
                without.MemoryLimit > 0 ? without.MemoryLimit + memory : 0);
        }

        if (spec.Resources is { } own && (own.Requests ?? own.Limits) is not null)
        {
            // What the pod says for itself as a whole; what it leaves open, its containers say.
            var sum = Of(spec with { Resources = null });
            return new(
                Whole(own.Requests ?? own.Limits, "cpu", own.Requests.MilliCpu() is > 0 and var milliCpu ? milliCpu : own.Limits.MilliCpu(), sum.MilliCpuRequest),
                Whole(own.Limits, "cpu", own.Limits.MilliCpu(), sum.MilliCpuLimit),
                Whole(own.Requests ?? own.Limits, "memory", own.Requests.Memory() is > 0 and var bytes ? bytes : own.Limits.Memory(), sum.MemoryRequest),
                Whole(own.Limits, "memory", own.Limits.Memory(), sum.MemoryLimit));
        }

        var together = spec.Main().Concat(spec.Init().Where(init => init.Kind == ContainerKind.Sidecar)).Select(container => container.Spec.Resources).ToList();
        var alone = spec.Init().Where(init => init.Kind == ContainerKind.Init).Select(container => container.Spec.Resources).ToList();
        return new(
            Total(together, alone, resources => resources?.Requests.MilliCpu() ?? 0, required: false),
            Total(together, alone, resources => resources?.Limits.MilliCpu() ?? 0, required: true),
            Total(together, alone, resources => resources?.Requests.Memory() ?? 0, required: false),
            Total(together, alone, resources => resources?.Limits.Memory() ?? 0, required: true));
    }

    private static long Whole(IReadOnlyDictionary<string, string>? list, string name, long amount, long sum) =>
        list?.ContainsKey(name) == true || amount > 0 ? amount : sum;

    private static long Total(
        List<ResourceRequirements?> together, List<ResourceRequirements?> alone, Func<ResourceRequirements?, long> amount, bool required)
    {
        if (required && together.Concat(alone).Any(resources => amount(resources) == 0))
        {
            return 0;
        }

        return Math.Max(together.Sum(amount), alone.Select(amount).DefaultIfEmpty().Max());
    }
}
