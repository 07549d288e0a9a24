namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>The node that a pod runs on, as its pods may ask for it.</summary>
public sealed record NodeIdentity(string Name, string Ip, NodeResources Resources);

/// <summary>In thousandths of a core and bytes; allocatable is what pods may have of it.</summary>
public sealed record NodeResources(long MilliCpu, long Memory, long Disk, int Pods, long AllocatableMilliCpu, long AllocatableMemory)
{
    public long AllocatableDisk { get; init; } = Disk;
}
