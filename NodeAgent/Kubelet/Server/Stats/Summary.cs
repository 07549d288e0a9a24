using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Volumes;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary><c>/stats/summary</c>: everything that is known of the node and its pods, in upstream's shape.</summary>
/// <param name="OnlyCpuAndMemory">Without disks, networks and processes, as whoever scales by cpu and memory asks for.</param>
internal sealed record Summary(string NodeName, UsageSnapshot Snapshot, bool OnlyCpuAndMemory)
{
    private readonly string time = TimeConverter.ToText(Snapshot.Time);

    public JsonObject ToJson() => new() { ["node"] = Node(), ["pods"] = new JsonArray([.. Snapshot.Pods.Select(Pod)]) };

    private JsonObject Node()
    {
        var node = Snapshot.Node;
        var json = new JsonObject
        {
            ["nodeName"] = NodeName,
            ["systemContainers"] = new JsonArray(new JsonObject
            {
                ["name"] = "pods",
                ["startTime"] = TimeConverter.ToText(node.StartedAt),
                ["cpu"] = Cpu(Snapshot.AllPods.CpuNanoseconds, Snapshot.AllPodsNanoCores),
                ["memory"] = Memory(Snapshot.AllPods),
            }),
            ["startTime"] = TimeConverter.ToText(node.StartedAt),
            ["cpu"] = Cpu(node.CpuNanoseconds, node.CpuNanoCores),
            ["memory"] = new JsonObject
            {
                ["time"] = time,
                ["availableBytes"] = node.Memory.Available,
                ["usageBytes"] = node.Memory.Total - node.Memory.Free,
                ["workingSetBytes"] = node.Memory.WorkingSet,
            },
        };
        if (!OnlyCpuAndMemory)
        {
            json["fs"] = Disk(node.FileSystem, new(node.FileSystem.Used, node.FileSystem.InodesUsed));
            json["runtime"] = new JsonObject { ["imageFs"] = Disk(node.ImageFileSystem, new(node.ImageFileSystem.Used, node.ImageFileSystem.InodesUsed)) };
            json["rlimit"] = new JsonObject { ["time"] = time, ["maxpid"] = node.MostProcesses, ["curproc"] = node.Processes };
        }

        return json;
    }

    private JsonObject Pod(PodUsage pod)
    {
        var meta = pod.Pod.Metadata;
        var json = new JsonObject
        {
            ["podRef"] = new JsonObject { ["name"] = meta.Name, ["namespace"] = meta.Namespace, ["uid"] = meta.Uid },
            ["startTime"] = TimeConverter.ToText(pod.Pod.Status.StartTime ?? Snapshot.Time),
            ["containers"] = new JsonArray([.. pod.Containers.Select(Container)]),
            ["cpu"] = Cpu(pod.Kernel.CpuNanoseconds, pod.CpuNanoCores),
            ["memory"] = Memory(pod.Kernel),
        };
        if (OnlyCpuAndMemory)
        {
            return json;
        }

        json["volume"] = new JsonArray([.. pod.Volumes.Select(Volume)]);
        json["ephemeral-storage"] = Disk(Snapshot.Node.FileSystem, pod.Ephemeral);
        json["process_stats"] = new JsonObject { ["process_count"] = pod.Kernel.Processes };
        if (pod.Network is { } network)
        {
            var figures = Network(network);
            figures["interfaces"] = new JsonArray(Network(network));
            figures.Insert(0, "time", time);
            json["network"] = figures;
        }

        return json;
    }

    private JsonNode Container(ContainerUsage container)
    {
        var json = new JsonObject
        {
            ["name"] = container.Spec.Name,
            ["startTime"] = TimeConverter.ToText(container.StartedAt),
            ["cpu"] = Cpu(container.Kernel.CpuNanoseconds, container.CpuNanoCores),
            ["memory"] = Memory(container.Kernel),
        };
        if (!OnlyCpuAndMemory)
        {
            json["rootfs"] = Disk(Snapshot.Node.ImageFileSystem, container.WritableLayer);
            json["logs"] = Disk(Snapshot.Node.FileSystem, container.Logs);
        }

        return json;
    }

    private JsonNode Volume(VolumeUsage volume)
    {
        var json = Disk(volume.FileSystem, volume.Used);
        json["name"] = volume.Name;
        return json;
    }

    private JsonObject Cpu(ulong nanoseconds, ulong nanoCores) => new() { ["time"] = time, ["usageNanoCores"] = nanoCores, ["usageCoreNanoSeconds"] = nanoseconds };

    private JsonObject Memory(CgroupUsage usage)
    {
        var json = new JsonObject
        {
            ["time"] = time,
            ["usageBytes"] = usage.Memory,
            ["workingSetBytes"] = usage.WorkingSet,
            ["rssBytes"] = usage.Rss,
            ["pageFaults"] = usage.PageFaults,
            ["majorPageFaults"] = usage.MajorPageFaults,
        };
        if (usage.MemoryLimit > 0)
        {
            json["availableBytes"] = usage.MemoryLimit - Math.Min(usage.WorkingSet, usage.MemoryLimit);
        }

        return json;
    }

    private JsonObject Disk(FileSystem disk, DiskUsage used) => new()
    {
        ["time"] = time,
        ["availableBytes"] = disk.Available,
        ["capacityBytes"] = disk.Capacity,
        ["usedBytes"] = used.Bytes,
        ["inodesFree"] = disk.InodesFree,
        ["inodes"] = disk.Inodes,
        ["inodesUsed"] = used.Inodes,
    };

    private static JsonObject Network(InterfaceUsage network) => new()
    {
        ["name"] = network.Name,
        ["rxBytes"] = network.Received,
        ["rxErrors"] = network.ReceiveErrors,
        ["txBytes"] = network.Sent,
        ["txErrors"] = network.SendErrors,
    };
}
