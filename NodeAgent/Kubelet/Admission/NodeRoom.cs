using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Qos;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>What is left of the node's resources for one more pod.</summary>
internal static class NodeRoom
{
    /// <param name="others">Those that have a place on the node.</param>
    /// <param name="node">What the API says of the node; null where only what the agent counts itself is asked for.</param>
    public static IReadOnlyList<InsufficientResource> Lacking(Pod pod, IEnumerable<Pod> others, NodeResources own, Node? node)
    {
        var taken = others.Where(other => other.Metadata.Uid != pod.Metadata.Uid).Select(Allocated).ToList();
        List<InsufficientResource> lacking = [];
        if (taken.Count + 1 > own.Pods)
        {
            lacking.Add(new(PodRequests.Pods, 1, taken.Count, own.Pods));
        }

        foreach (var (resource, capacity) in Capacities(pod.Spec, own, node))
        {
            var wanted = PodRequests.Of(pod.Spec, resource);
            if (wanted == 0)
            {
                continue;
            }

            var used = taken.Sum(spec => PodRequests.Of(spec, resource));
            if (used + wanted > capacity)
            {
                lacking.Add(new(resource, wanted, used, capacity));
            }
        }

        return lacking;
    }

    private static IEnumerable<(string Resource, long Capacity)> Capacities(PodSpec spec, NodeResources own, Node? node)
    {
        yield return (PodRequests.Cpu, own.AllocatableMilliCpu);
        yield return (PodRequests.Memory, own.AllocatableMemory);
        yield return (PodRequests.EphemeralStorage, own.AllocatableDisk);
        if (node is null)
        {
            yield break;
        }

        foreach (var resource in PodRequests.Others(spec))
        {
            var offered = node.Status.Allocatable?.GetValueOrDefault(resource);
            // An extended resource that the node does not know may be one of the cluster as a whole: the scheduler has seen to it.
            if (offered is not null || !PodRequests.IsExtended(resource))
            {
                yield return (resource, offered is null ? 0 : Quantity.Parse(offered).Value);
            }
        }
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
}
