using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Runtime;

/// <summary>
/// What the kubelet needs of a container runtime: CRI v1's two services as one contract. A call that the runtime refuses
/// throws <see cref="CriException"/>; a sandbox, container or image that is not there is null, and removing it is no error.
/// </summary>
public interface ICriRuntime
{
    Task<VersionResponse> VersionAsync(CancellationToken cancellationToken);

    Task<StatusResponse> StatusAsync(CancellationToken cancellationToken);

    /// <summary>What sandboxes are made from; null where the runtime does not say.</summary>
    Task<string?> SandboxImageAsync(CancellationToken cancellationToken);

    Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken cancellationToken);

    Task StopPodSandboxAsync(string sandboxId, CancellationToken cancellationToken);

    Task RemovePodSandboxAsync(string sandboxId, CancellationToken cancellationToken);

    Task<PodSandboxStatus?> PodSandboxStatusAsync(string sandboxId, CancellationToken cancellationToken);

    /// <param name="podUid">Only this pod's, or everything when null.</param>
    Task<IReadOnlyList<PodSandbox>> ListPodSandboxesAsync(string? podUid, CancellationToken cancellationToken);

    Task<string> CreateContainerAsync(
        string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken);

    Task StartContainerAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Sends the stop signal and, when <paramref name="grace"/> has passed, SIGKILL; returns when the container is gone.</summary>
    /// <param name="signal">Such as <c>SIGUSR1</c>; null for the image's own, or SIGTERM.</param>
    Task StopContainerAsync(string containerId, TimeSpan grace, string? signal, CancellationToken cancellationToken);

    /// <summary>Changes what a running container may use.</summary>
    Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken cancellationToken);

    Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken);

    /// <param name="podUid">Only this pod's, or everything when null.</param>
    Task<IReadOnlyList<Container>> ListContainersAsync(string? podUid, CancellationToken cancellationToken);

    Task<ContainerStatus?> ContainerStatusAsync(string containerId, CancellationToken cancellationToken);

    Task ReopenContainerLogAsync(string containerId, CancellationToken cancellationToken);

    Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(CancellationToken cancellationToken);

    Task<ExecSyncResponse> ExecSyncAsync(
        string containerId, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>The address of the runtime's streaming server for one exec.</summary>
    Task<Uri> ExecAsync(ExecRequest request, CancellationToken cancellationToken);

    /// <summary>The address of the runtime's streaming server for one attach.</summary>
    Task<Uri> AttachAsync(AttachRequest request, CancellationToken cancellationToken);

    /// <summary>The address of the runtime's streaming server for one port-forward.</summary>
    Task<Uri> PortForwardAsync(PortForwardRequest request, CancellationToken cancellationToken);

    Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken cancellationToken);

    Task<Image?> ImageStatusAsync(string image, CancellationToken cancellationToken);

    Task<string> PullImageAsync(
        string image, AuthConfig? credentials, PodSandboxConfig? sandboxConfig, CancellationToken cancellationToken);

    Task RemoveImageAsync(string image, CancellationToken cancellationToken);

    Task<ImageFsInfoResponse> ImageFsInfoAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ids of containers and sandboxes to which something happened, until the stream breaks: a hint to look again,
    /// never the truth itself.
    /// </summary>
    IAsyncEnumerable<RuntimeEvent> WatchAsync(CancellationToken cancellationToken);
}

/// <param name="Id">A container or a sandbox.</param>
public readonly record struct RuntimeEvent(string Id, RuntimeEventKind Kind);

public enum RuntimeEventKind
{
    Changed,
    Exited,
    OutOfMemory,
}
