using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>Cpu in nanoseconds of one core since the start, memory in bytes.</summary>
internal readonly record struct Usage(ulong CpuNanoseconds, ulong WorkingSet, ulong Memory)
{
    public static Usage operator +(Usage left, Usage right) =>
        new(left.CpuNanoseconds + right.CpuNanoseconds, left.WorkingSet + right.WorkingSet, left.Memory + right.Memory);
}

internal sealed record PodUsage(ObjectMeta Pod, IReadOnlyDictionary<string, Usage> Containers)
{
    public Usage Total => Containers.Values.Aggregate(default(Usage), (sum, each) => sum + each);
}

/// <summary>What the node and its pods use at one moment.</summary>
internal sealed record UsageSnapshot(DateTimeOffset Time, Usage Node, long AvailableMemory, IReadOnlyList<PodUsage> Pods)
{
    public static async Task<UsageSnapshot> TakeAsync(PodWorkers workers, PodServices services, CancellationToken cancellationToken)
    {
        var stats = (await services.Runtime.ListContainerStatsAsync(cancellationToken))
            .Where(each => each.Attributes.Labels.ContainsKey(CriLabels.PodUid))
            .ToLookup(each => each.Attributes.Labels[CriLabels.PodUid]);
        var pods = workers.All.Select(worker => worker.Pod.Metadata)
            .Where(pod => stats.Contains(pod.Uid!))
            .Select(pod => new PodUsage(pod, stats[pod.Uid!].GroupBy(each => each.Attributes.Metadata.Name).ToDictionary(group => group.Key, group => Of(group.Last()))))
            .ToList();
        var (total, available) = (MachineFacts.MemoryBytes(), MachineFacts.AvailableMemoryBytes());
        var used = (ulong)(total - available);
        return new(services.Clock.GetUtcNow(), new(MachineFacts.CpuNanoseconds(), used, used), available, pods);
    }

    private static Usage Of(Runtime.Cri.ContainerStats stats) => new(
        stats.Cpu?.UsageCoreNanoSeconds?.Value ?? 0, stats.Memory?.WorkingSetBytes?.Value ?? 0, stats.Memory?.UsageBytes?.Value ?? stats.Memory?.WorkingSetBytes?.Value ?? 0);
}
