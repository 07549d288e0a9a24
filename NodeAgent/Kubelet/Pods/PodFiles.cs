using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Sandboxes;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>A real pod's files, below the kubelet's root directory and the node's cgroup.</summary>
internal sealed class PodFiles(
    string podUid, KubeletOptions options, NodeIdentity node, CgroupTree cgroups, IClusterObjects objects, TimeProvider clock) : IPodFiles
{
    private readonly PodDirectories directories = new(options.RootDirectory, podUid);
    private readonly PodVolumes volumes = new(new(options.RootDirectory, podUid), objects, clock);

    public PodSandboxConfig Sandbox(Pod pod, uint attempt) =>
        SandboxConfigBuilder.Build(pod, attempt, cgroups.CreatePod(pod), options);

    public Task SetUpVolumesAsync(Pod pod, CancellationToken cancellationToken) => volumes.SetUpAsync(pod, Fields(pod, []), cancellationToken);

    public async Task<ContainerConfig> ContainerAsync(
        Pod pod, PodContainer container, ContainerPlacement placement, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directories.Pod);
        await File.WriteAllTextAsync(directories.HostsFile, HostsFile.Of(pod, placement.PodIps, options.ClusterDomain), cancellationToken);
        var environment = new EnvironmentBuilder(objects, Fields(pod, placement.PodIps));
        return await new ContainerConfigBuilder(pod, directories, volumes, environment, node.Resources.Memory, cgroups.IsV2)
            .BuildAsync(container, placement.Attempt, placement.Image, placement.TargetId, cancellationToken);
    }

    public LinuxContainerResources Resize(Pod pod, PodContainer container)
    {
        cgroups.CreatePod(pod);
        return ContainerResources.Of(pod.Spec, container, node.Resources.Memory, cgroups.IsV2);
    }

    public bool TearDown(Pod pod)
    {
        volumes.Remove();
        return cgroups.RemovePod(pod);
    }

    public void RemoveLogs(Pod pod)
    {
        var logs = PodLogs.Directory(options, pod);
        if (Directory.Exists(logs))
        {
            Directory.Delete(logs, recursive: true);
        }
    }

    public void LinkLog(Pod pod, PodContainer container, uint attempt, string id) =>
        LogLinks.Create(options, pod, container.Name, id, Path.Combine(PodLogs.Directory(options, pod), PodLogs.File(container.Name, attempt)));

    public void RemoveLog(Pod pod, ContainerRecord record)
    {
        LogLinks.Remove(options, pod, record.Name, record.Id);
        var folder = Path.GetDirectoryName(record.LogPath);
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileName(record.LogPath) + "*") : [])
        {
            File.Delete(file);
        }

        var lastWords = directories.TerminationMessage(record.Name, record.Attempt);
        if (File.Exists(lastWords))
        {
            File.Delete(lastWords);
        }
    }

    private DownwardFields Fields(Pod pod, IReadOnlyList<string> podIps) =>
        new(pod, node.Name, node.Ip, podIps, node.Resources.AllocatableMilliCpu, node.Resources.AllocatableMemory, node.Resources.AllocatableDisk);
}
