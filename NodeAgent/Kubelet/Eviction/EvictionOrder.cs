using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Server.Stats;

namespace Flotilla.NodeAgent.Kubelet.Eviction;

/// <summary>
/// Who has to go first, as upstream: pods that use more than they asked for, then the less important, then whoever uses most
/// beyond what it asked for; critical ones never. Processes nobody asks for, so there only importance and number count.
/// </summary>
internal static class EvictionOrder
{
    public static IReadOnlyList<PodUsage> Rank(string signal, IEnumerable<PodUsage> pods) =>
        [.. pods.Where(pod => !PodImportance.IsCritical(pod.Pod))
            .OrderByDescending(pod => signal != EvictionSignal.PidAvailable && Beyond(signal, pod) > 0)
            .ThenBy(pod => pod.Pod.Spec.Priority ?? 0)
            .ThenByDescending(pod => Beyond(signal, pod))];

    /// <summary>What a container uses of the resource, and what it asked for.</summary>
    public static (long Used, long Requested) Of(string signal, ContainerUsage container)
    {
        var requests = container.Spec.Spec.Resources?.Requests;
        return EvictionSignal.Resource(signal) switch
        {
            "memory" => ((long)container.Kernel.WorkingSet, requests.Memory()),
            "pids" => ((long)container.Kernel.Processes, 0),
            "inodes" => ((container.WritableLayer + container.Logs).Inodes, 0),
            _ => ((container.WritableLayer + container.Logs).Bytes, requests.EphemeralStorage()),
        };
    }

    private static long Beyond(string signal, PodUsage pod) =>
        EvictionSignal.Resource(signal) switch
        {
            // What the pod asked for as a whole counts, where it did.
            "memory" => (long)pod.Kernel.WorkingSet - PodResources.Of(pod.Pod.Spec).MemoryRequest,
            "pids" => (long)pod.Kernel.Processes,
            "inodes" => pod.Ephemeral.Inodes,
            _ => pod.Ephemeral.Bytes - pod.Containers.Sum(container => Of(signal, container).Requested),
        };
}
