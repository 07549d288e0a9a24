using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Whether a new pod still has a place on the node. The scheduler has seen to it, unless somebody bound past it.</summary>
internal static class PodAdmission
{
    public static ContainerTrouble? Refuse(Pod pod, IEnumerable<Pod> others, NodeResources node)
    {
        var active = others.Where(other => other.Metadata.Uid != pod.Metadata.Uid && other.Status.Phase is not ("Succeeded" or "Failed")).ToList();
        if (active.Count + 1 > node.Pods)
        {
            return Out("pods", 1, active.Count, node.Pods);
        }

        var wanted = PodResources.Of(pod.Spec);
        var taken = active.Select(other => PodResources.Of(other.Spec)).ToList();
        var (cpu, memory) = (taken.Sum(each => each.MilliCpuRequest), taken.Sum(each => each.MemoryRequest));
        if (wanted.MilliCpuRequest > 0 && cpu + wanted.MilliCpuRequest > node.AllocatableMilliCpu)
        {
            return Out("cpu", wanted.MilliCpuRequest, cpu, node.AllocatableMilliCpu);
        }

        return wanted.MemoryRequest > 0 && memory + wanted.MemoryRequest > node.AllocatableMemory
            ? Out("memory", wanted.MemoryRequest, memory, node.AllocatableMemory)
            : null;
    }

    private static ContainerTrouble Out(string resource, long requested, long used, long capacity) => new(
        $"OutOf{resource}",
        $"Pod was rejected: Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, capacity: {capacity}");
}
