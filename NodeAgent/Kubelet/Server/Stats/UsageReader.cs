using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.NodeAgent.Runtime.Cri;
using Pod = Flotilla.ClusterCore.Client.Objects.Pod;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>Reads what the node and its pods use: cpu and memory from their cgroups, disks from files, layers from the runtime.</summary>
/// <param name="cgroups">Null for simulated nodes, of which only the runtime knows something.</param>
internal sealed class UsageReader(KubeletOptions options, PodWorkers workers, PodServices services, CgroupTree? cgroups)
{
    private readonly CpuRates rates = new();
    private readonly DateTimeOffset machineStart = MachineFacts.StartedAt(services.Clock);
    private string? imageMount;

    public async Task<UsageSnapshot> TakeAsync(CancellationToken cancellationToken)
    {
        var stats = (await services.Runtime.ListContainerStatsAsync(cancellationToken)).ToDictionary(each => each.Attributes.Id);
        var now = services.Clock.GetUtcNow();
        rates.Forget(now);
        var pods = workers.All.Where(worker => worker.Observed.AnyRunning).Select(worker => Of(worker, stats, now)).ToList();
        var all = cgroups?.UsageOfPods() ?? default;
        return new(now, await NodeAsync(now, cancellationToken), all, Rate("pods", all, machineStart, now), pods);
    }

    /// <summary>The disk that holds images and containers' own layers.</summary>
    public async Task<FileSystem> ImageFileSystemAsync(CancellationToken cancellationToken)
    {
        imageMount ??= (await services.Runtime.ImageFsInfoAsync(cancellationToken)).ImageFilesystems.FirstOrDefault()?.FsId?.Mountpoint;
        return FileSystem.Of(imageMount is { Length: > 0 } mount && Directory.Exists(mount) ? mount : options.RootDirectory);
    }

    public IReadOnlyList<VolumeUsage> Volumes(Pod pod)
    {
        var directories = new PodDirectories(options.RootDirectory, pod.Metadata.Uid!);
        return [.. (pod.Spec.Volumes ?? [])
            .Where(volume => volume.EmptyDir is { Medium: not "Memory" })
            .Select(volume => (volume.Name, Path: directories.Volume("empty-dir", volume.Name)))
            .Where(volume => Directory.Exists(volume.Path))
            .Select(volume => new VolumeUsage(volume.Name, DiskUsage.Below(volume.Path), FileSystem.Of(volume.Path)))];
    }

    private async Task<NodeUsage> NodeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cpu = MachineFacts.CpuNanoseconds();
        var images = await ImageFileSystemAsync(cancellationToken);
        var (processes, most) = MachineFacts.Processes();
        return new(
            cpu, rates.NanoCores("node", cpu, machineStart, now), MachineFacts.Memory(), FileSystem.Of(options.RootDirectory), images, processes, most, machineStart);
    }

    private PodUsage Of(PodWorker worker, Dictionary<string, ContainerStats> stats, DateTimeOffset now)
    {
        var pod = worker.Pod;
        var containers = worker.Observed.Containers.Where(record => record.Running)
            .Select(record => (Record: record, Spec: pod.Spec.Find(record.Name)))
            .Where(pair => pair.Spec is not null)
            .Select(pair => Of(pod, pair.Spec!, pair.Record, stats.GetValueOrDefault(pair.Record.Id), now))
            .ToList();
        var kernel = cgroups?.UsageOf(pod) ?? new() { CpuNanoseconds = Sum(containers, usage => usage.CpuNanoseconds), WorkingSet = Sum(containers, usage => usage.WorkingSet) };
        var network = worker.Observed.Sandbox is { Ready: true } sandbox && !pod.Spec.HostNetwork ? NetworkDevices.Of(cgroups?.ProcessesOf(pod, sandbox.Id)) : null;
        return new(pod, kernel, Rate(pod.Metadata.Uid!, kernel, pod.Status.StartTime ?? now, now), containers, cgroups is null ? [] : Volumes(pod), network);
    }

    private ContainerUsage Of(Pod pod, PodContainer spec, ContainerRecord record, ContainerStats? stats, DateTimeOffset now)
    {
        var kernel = cgroups?.UsageOf(pod, record.Id) ?? new()
        {
            CpuNanoseconds = stats?.Cpu?.UsageCoreNanoSeconds?.Value ?? 0,
            Memory = stats?.Memory?.UsageBytes?.Value ?? 0,
            WorkingSet = stats?.Memory?.WorkingSetBytes?.Value ?? 0,
        };
        var layer = stats?.WritableLayer is { } written ? new DiskUsage((long)(written.UsedBytes?.Value ?? 0), (long)(written.InodesUsed?.Value ?? 0)) : default;
        var logs = Path.GetDirectoryName(record.LogPath) is { Length: > 0 } folder ? DiskUsage.Below(folder) : default;
        return new(spec, record, kernel, Rate(record.Id, kernel, record.StartedAt ?? now, now), layer, logs);
    }

    private ulong Rate(string key, CgroupUsage usage, DateTimeOffset startedAt, DateTimeOffset now) => rates.NanoCores(key, usage.CpuNanoseconds, startedAt, now);

    private static ulong Sum(List<ContainerUsage> containers, Func<CgroupUsage, ulong> amount) => containers.Aggregate(0UL, (sum, each) => sum + amount(each.Kernel));
}
