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
        var taken = active.Select(other => PodResources.Of(Allocated(other))).ToList();
        var (cpu, memory) = (taken.Sum(each => each.MilliCpuRequest), taken.Sum(each => each.MemoryRequest));
        if (wanted.MilliCpuRequest > 0 && cpu + wanted.MilliCpuRequest > node.AllocatableMilliCpu)
        {
            return Out("cpu", wanted.MilliCpuRequest, cpu, node.AllocatableMilliCpu);
        }

        if (wanted.MemoryRequest > 0 && memory + wanted.MemoryRequest > node.AllocatableMemory)
        {
            return Out("memory", wanted.MemoryRequest, memory, node.AllocatableMemory);
        }

        var (storage, storageTaken) = (EphemeralStorage(pod), active.Sum(EphemeralStorage));
        if (storage > 0 && storageTaken + storage > node.AllocatableDisk)
        {
            return Out("ephemeral-storage", storage, storageTaken, node.AllocatableDisk);
        }

        var ports = active.SelectMany(HostPorts).ToList();
        return HostPorts(pod).Any(port => ports.Any(port.Meets))
            ? new("NodePorts", "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports")
            : null;
    }

    /// <summary>What a pod has, which is not what it wants while a change of its resources is not made.</summary>
    private static PodSpec Allocated(Pod pod)
    {
        var allocated = (pod.Status.ContainerStatuses ?? []).Where(status => status.AllocatedResources is not null).ToDictionary(status => status.Name, status => status.AllocatedResources);
        return allocated.Count == 0 ? pod.Spec : pod.Spec with
        {
            Containers = [.. (pod.Spec.Containers ?? []).Select(container => allocated.TryGetValue(container.Name, out var requests)
                ? container with { Resources = new() { Requests = requests, Limits = container.Resources?.Limits } }
                : container)],
        };
    }

    private static long EphemeralStorage(Pod pod) => pod.Spec.Main().Sum(container => container.Spec.Resources?.Requests.EphemeralStorage() ?? 0);

    private static IEnumerable<HostPort> HostPorts(Pod pod) => pod.Spec.Main().Concat(pod.Spec.Init().Where(init => init.Kind == ContainerKind.Sidecar))
        .SelectMany(container => container.Spec.Ports ?? [])
        .Where(port => port.HostPort > 0)
        .Select(port => new HostPort(port.HostPort, port.Protocol ?? "TCP", port.HostIP is { Length: > 0 } address ? address : HostPort.All));

    private static ContainerTrouble Out(string resource, long requested, long used, long capacity) => new(
        $"OutOf{resource}",
        $"Pod was rejected: Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, capacity: {capacity}");

    private sealed record HostPort(int Number, string Protocol, string Address)
    {
        public const string All = "0.0.0.0";

        public bool Meets(HostPort other) =>
            (Number, Protocol) == (other.Number, other.Protocol) && (Address == other.Address || Address == All || other.Address == All);
    }
}
