using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Grpc;
using Flotilla.NodeAgent.Runtime.Containerd.Events;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Runtime.Containerd;

/// <summary>CRI v1 over containerd's Unix socket.</summary>
public sealed class ContainerdRuntime : ICriRuntime, IDisposable
{
    /// <summary>For calls that should be quick; what waits for a container, a network plugin or a registry has its own limit.</summary>
    private static readonly TimeSpan QuickTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Where CRI keeps its containers among containerd's.</summary>
    private static readonly Dictionary<string, string> OfPods = new() { ["containerd-namespace"] = "k8s.io" };

    private static readonly TimeSpan SandboxTimeout = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan PullTimeout = TimeSpan.FromMinutes(30);

    private readonly GrpcChannel channel;

    public ContainerdRuntime(string socketPath)
    {
        channel = GrpcChannel.ForUnixSocket(socketPath, new GrpcChannelOptions { MaxReceiveMessageSize = 16 << 20 });
    }

    public Task<VersionResponse> VersionAsync(CancellationToken cancellationToken) =>
        CallAsync(CriMethods.Version, new() { Version = "0.1.0" }, QuickTimeout, cancellationToken);

    public Task<StatusResponse> StatusAsync(CancellationToken cancellationToken) =>
        CallAsync(CriMethods.Status, new(), QuickTimeout, cancellationToken);

    public async Task<string?> SandboxImageAsync(CancellationToken cancellationToken)
    {
        var answer = await CallAsync(CriMethods.Status, new() { Verbose = true }, QuickTimeout, cancellationToken);
        return answer.Info.TryGetValue("config", out var config) ? (string?)JsonNode.Parse(config)?["sandboxImage"] : null;
    }

    public async Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken cancellationToken)
    {
        var request = new RunPodSandboxRequest { Config = config, RuntimeHandler = runtimeHandler };
        return (await CallAsync(CriMethods.RunPodSandbox, request, SandboxTimeout, cancellationToken)).Value;
    }

    public Task StopPodSandboxAsync(string sandboxId, CancellationToken cancellationToken) =>
        IfThereAsync(CriMethods.StopPodSandbox, new() { Value = sandboxId }, SandboxTimeout, cancellationToken);

    public Task RemovePodSandboxAsync(string sandboxId, CancellationToken cancellationToken) =>
        IfThereAsync(CriMethods.RemovePodSandbox, new() { Value = sandboxId }, SandboxTimeout, cancellationToken);

    public async Task<PodSandboxStatus?> PodSandboxStatusAsync(string sandboxId, CancellationToken cancellationToken) =>
        (await IfThereAsync(CriMethods.PodSandboxStatus, new() { PodSandboxId = sandboxId }, QuickTimeout, cancellationToken))?.Status;

    public async Task<IReadOnlyList<PodSandbox>> ListPodSandboxesAsync(string? podUid, CancellationToken cancellationToken)
    {
        var request = new ListPodSandboxRequest();
        if (podUid is not null)
        {
            request.Filter = new() { LabelSelector = { [CriLabels.PodUid] = podUid } };
        }

        return (await CallAsync(CriMethods.ListPodSandbox, request, QuickTimeout, cancellationToken)).Items;
    }

    public async Task<string> CreateContainerAsync(
        string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken)
    {
        var request = new CreateContainerRequest { PodSandboxId = sandboxId, Config = config, SandboxConfig = sandboxConfig };
        return (await CallAsync(CriMethods.CreateContainer, request, SandboxTimeout, cancellationToken)).Value;
    }

    public Task StartContainerAsync(string containerId, CancellationToken cancellationToken) =>
        CallAsync(CriMethods.StartContainer, new() { Value = containerId }, SandboxTimeout, cancellationToken);

    public async Task StopContainerAsync(string containerId, TimeSpan grace, string? signal, CancellationToken cancellationToken)
    {
        if (grace > TimeSpan.Zero && signal is not null && StopSignal.Number(signal) is { } number)
        {
            await EndByAsync(containerId, (uint)number, grace, cancellationToken);
            grace = TimeSpan.Zero;
        }

        await IfThereAsync(
            CriMethods.StopContainer,
            new() { ContainerId = containerId, Timeout = (long)Math.Ceiling(grace.TotalSeconds) },
            grace + SandboxTimeout,
            cancellationToken);
    }

    public Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken cancellationToken) =>
        CallAsync(CriMethods.UpdateContainerResources, new() { ContainerId = containerId, Linux = resources }, QuickTimeout, cancellationToken);

    public Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken) =>
        IfThereAsync(CriMethods.RemoveContainer, new() { Value = containerId }, SandboxTimeout, cancellationToken);

    public async Task<IReadOnlyList<Container>> ListContainersAsync(string? podUid, CancellationToken cancellationToken)
    {
        var request = new ListContainersRequest();
        if (podUid is not null)
        {
            request.Filter = new() { LabelSelector = { [CriLabels.PodUid] = podUid } };
        }

        return (await CallAsync(CriMethods.ListContainers, request, QuickTimeout, cancellationToken)).Containers;
    }

    public async Task<ContainerStatus?> ContainerStatusAsync(string containerId, CancellationToken cancellationToken) =>
        (await IfThereAsync(CriMethods.ContainerStatus, new() { ContainerId = containerId }, QuickTimeout, cancellationToken))?.Status;

    public Task ReopenContainerLogAsync(string containerId, CancellationToken cancellationToken) =>
        IfThereAsync(CriMethods.ReopenContainerLog, new() { Value = containerId }, QuickTimeout, cancellationToken);

    public async Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(CancellationToken cancellationToken) =>
        (await CallAsync(CriMethods.ListContainerStats, new(), QuickTimeout, cancellationToken)).Stats;

    public Task<ExecSyncResponse> ExecSyncAsync(
        string containerId, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken) => CallAsync(
        CriMethods.ExecSync,
        new() { ContainerId = containerId, Cmd = { command }, Timeout = (long)Math.Ceiling(timeout.TotalSeconds) },
        timeout + QuickTimeout,
        cancellationToken);

    public async Task<Uri> ExecAsync(ExecRequest request, CancellationToken cancellationToken) =>
        new((await CallAsync(CriMethods.Exec, request, QuickTimeout, cancellationToken)).Url);

    public async Task<Uri> AttachAsync(AttachRequest request, CancellationToken cancellationToken) =>
        new((await CallAsync(CriMethods.Attach, request, QuickTimeout, cancellationToken)).Url);

    public async Task<Uri> PortForwardAsync(PortForwardRequest request, CancellationToken cancellationToken) =>
        new((await CallAsync(CriMethods.PortForward, request, QuickTimeout, cancellationToken)).Url);

    public async Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken cancellationToken) =>
        (await CallAsync(CriMethods.ListImages, new(), QuickTimeout, cancellationToken)).Images;

    public async Task<Image?> ImageStatusAsync(string image, CancellationToken cancellationToken) =>
        (await CallAsync(CriMethods.ImageStatus, new() { Image = new() { Image = image } }, QuickTimeout, cancellationToken)).Image;

    public async Task<string> PullImageAsync(
        string image, AuthConfig? credentials, PodSandboxConfig? sandboxConfig, CancellationToken cancellationToken)
    {
        var request = new PullImageRequest { Image = new() { Image = image }, Auth = credentials, SandboxConfig = sandboxConfig };
        return (await CallAsync(CriMethods.PullImage, request, PullTimeout, cancellationToken)).ImageRef;
    }

    public Task RemoveImageAsync(string image, CancellationToken cancellationToken) =>
        IfThereAsync(CriMethods.RemoveImage, new() { Image = new() { Image = image } }, QuickTimeout, cancellationToken);

    public Task<ImageFsInfoResponse> ImageFsInfoAsync(CancellationToken cancellationToken) =>
        CallAsync(CriMethods.ImageFsInfo, new(), QuickTimeout, cancellationToken);

    public async IAsyncEnumerable<RuntimeEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new SubscribeRequest { Filters = { "namespace==k8s.io,topic~=\"^/tasks/(start|exit|oom|delete)$\"" } };
        var events = channel.ServerStreamAsync(CriMethods.Subscribe, request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (events)
        {
            while (await NextAsync(events))
            {
                var id = TaskEvent.Parser.ParseFrom(events.Current.Event.Value).ContainerId;
                yield return new(id, Kind(events.Current.Topic));
            }
        }
    }

    public void Dispose() => channel.Dispose();

    private static async Task<bool> NextAsync(IAsyncEnumerator<Envelope> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    private static RuntimeEventKind Kind(string topic) => topic switch
    {
        "/tasks/exit" => RuntimeEventKind.Exited,
        "/tasks/oom" => RuntimeEventKind.OutOfMemory,
        _ => RuntimeEventKind.Changed,
    };

    /// <summary>Past CRI, which knows the image's signal alone. Returns when the container has ended, or its time is up.</summary>
    private async Task EndByAsync(string containerId, uint signal, TimeSpan grace, CancellationToken cancellationToken)
    {
        try
        {
            await channel.UnaryAsync(CriMethods.Kill, new() { ContainerId = containerId, Signal = signal }, cancellationToken, new(QuickTimeout, OfPods));
            await channel.UnaryAsync(CriMethods.Wait, new() { ContainerId = containerId }, cancellationToken, new(grace, OfPods));
        }
        catch (GrpcException exception) when (exception.StatusCode is GrpcStatusCode.NotFound or GrpcStatusCode.DeadlineExceeded)
        {
            // It has ended already, or does not end: both are for CRI to see.
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await channel.UnaryAsync(method, request, cancellationToken, new(timeout));
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    private async Task<TResponse?> IfThereAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
        where TResponse : class
    {
        try
        {
            return await channel.UnaryAsync(method, request, cancellationToken, new(timeout));
        }
        catch (GrpcException exception) when (exception.StatusCode == GrpcStatusCode.NotFound)
        {
            return null;
        }
        catch (GrpcException exception)
        {
            throw Failure(exception);
        }
    }

    private static CriException Failure(GrpcException exception) =>
        new(exception.Detail, exception.StatusCode == GrpcStatusCode.Unavailable, exception) { Code = exception.StatusCode.ToString() };
}
