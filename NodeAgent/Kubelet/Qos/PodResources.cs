using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>A whole pod's numbers. A limit of 0 is none: one container without a limit leaves the pod without.</summary>
internal readonly record struct PodResources(long MilliCpuRequest, long MilliCpuLimit, long MemoryRequest, long MemoryLimit)
{
    public static PodResources Of(PodSpec spec) => new(
        PodRequests.Of(spec, PodRequests.Cpu), Limit(spec, PodRequests.Cpu), PodRequests.Of(spec, PodRequests.Memory), Limit(spec, PodRequests.Memory));

    private static long Limit(PodSpec spec, string resource)
    {
        var limit = spec.Resources?.Limits.Amount(resource) ?? OfContainers(spec, resource);
        return limit > 0 ? limit + (spec.Overhead.Amount(resource) ?? 0) : 0;
    }

    private static long OfContainers(PodSpec spec, string resource) =>
        (spec.Containers ?? []).Concat(spec.InitContainers ?? []).All(container => container.Resources?.Limits.Amount(resource) > 0)
            ? PodRequests.Sum(spec, static container => container.Resources?.Limits, resource)
            : 0;
}
