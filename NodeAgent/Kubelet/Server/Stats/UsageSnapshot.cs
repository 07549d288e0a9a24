using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Volumes;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <param name="CpuNanoCores">Over the time since the look before: billionths of a core.</param>
internal sealed record ContainerUsage(
    PodContainer Spec, ContainerRecord Record, CgroupUsage Kernel, ulong CpuNanoCores, DiskUsage WritableLayer, DiskUsage Logs)
{
    public DateTimeOffset StartedAt => Record.StartedAt ?? Record.CreatedAt;
}

internal readonly record struct VolumeUsage(string Name, DiskUsage Used, FileSystem FileSystem);

/// <summary>Bytes and errors of one network interface, in and out.</summary>
internal readonly record struct InterfaceUsage(string Name, ulong Received, ulong ReceiveErrors, ulong Sent, ulong SendErrors);

internal sealed record PodUsage(Pod Pod, CgroupUsage Kernel, ulong CpuNanoCores, IReadOnlyList<ContainerUsage> Containers, IReadOnlyList<VolumeUsage> Volumes, InterfaceUsage? Network)
{
    /// <summary>What counts against limits of ephemeral storage.</summary>
    public DiskUsage Ephemeral => Containers.Select(container => container.WritableLayer + container.Logs).Concat(Volumes.Select(volume => volume.Used))
        .Aggregate(default(DiskUsage), static (sum, each) => sum + each);
}

internal sealed record NodeUsage(ulong CpuNanoseconds, ulong CpuNanoCores, MemoryFacts Memory, FileSystem FileSystem, FileSystem ImageFileSystem, int Processes, int MostProcesses, DateTimeOffset StartedAt);

/// <summary>What the node and its pods use at one moment.</summary>
internal sealed record UsageSnapshot(DateTimeOffset Time, NodeUsage Node, CgroupUsage AllPods, ulong AllPodsNanoCores, IReadOnlyList<PodUsage> Pods);
