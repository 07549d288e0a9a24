using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>What one pod has on the node outside the runtime: volumes, files and cgroup.</summary>
internal interface IPodFiles
{
    /// <summary>Makes the pod's cgroup; what the sandbox is told of the pod.</summary>
    PodSandboxConfig Sandbox(Pod pod, uint attempt);

    /// <summary>Sets up the volumes, or brings them up to date.</summary>
    Task SetUpVolumesAsync(Pod pod, CancellationToken cancellationToken);

    Task<ContainerConfig> ContainerAsync(Pod pod, PodContainer container, ContainerPlacement placement, CancellationToken cancellationToken);

    /// <summary>What a running container is to be given by the pod's spec as it is now; the pod as a whole is given it here.</summary>
    LinuxContainerResources Resize(Pod pod, PodContainer container);

    /// <summary>The pod's containers are gone: its volumes and cgroup go too. False when something is still in use.</summary>
    bool TearDown(Pod pod);

    void RemoveLogs(Pod pod);

    /// <summary>Lets log collectors find what a container that was just started says.</summary>
    void LinkLog(Pod pod, PodContainer container, uint attempt, string id);

    /// <summary>What one ended container has said, rotated files, link and last words included.</summary>
    void RemoveLog(Pod pod, ContainerRecord record);
}

/// <param name="TargetId">Of an ephemeral container: the container whose processes it sees.</param>
internal sealed record ContainerPlacement(uint Attempt, Image Image, IReadOnlyList<string> PodIps, string? TargetId);
