using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Flotilla.NodeAgent.Runtime.Cri;
using Google.Protobuf;

namespace Flotilla.NodeAgent.Runtime.Simulated;

/// <summary>
/// A runtime without containers: sandboxes and containers go through their states by rules, on a clock. Every image is
/// there and probes by command succeed; logs, commands and ports are answered by the kubelet, which asks for no stream here.
/// </summary>
public sealed class SimulatedRuntime(SimulationRules rules, TimeProvider clock) : ICriRuntime
{
    private readonly ConcurrentDictionary<string, SimulatedSandbox> sandboxes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SimulatedContainer> containers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string[]> byPod = new(StringComparer.Ordinal);
    private readonly Channel<RuntimeEvent> events = Channel.CreateBounded<RuntimeEvent>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });

    private int addresses;

    public Task<VersionResponse> VersionAsync(CancellationToken cancellationToken) => Task.FromResult(
        new VersionResponse { Version = "0.1.0", RuntimeName = "simulated", RuntimeVersion = "1", RuntimeApiVersion = "v1" });

    public Task<string?> SandboxImageAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public Task<StatusResponse> StatusAsync(CancellationToken cancellationToken) => Task.FromResult(new StatusResponse
    {
        Status = new() { Conditions = { new RuntimeCondition { Type = "RuntimeReady", Status = true }, new RuntimeCondition { Type = "NetworkReady", Status = true } } },
    });

    public async Task<string> RunPodSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken cancellationToken)
    {
        await Task.Delay(rules.For(config).Start(rules.Random), clock, cancellationToken);
        var id = Guid.NewGuid().ToString("N");
        sandboxes[id] = new(id, config, NextAddress(), clock.GetUtcNow());
        Remember(config.Metadata.Uid, id);
        return id;
    }

    public Task StopPodSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        if (sandboxes.TryGetValue(sandboxId, out var sandbox))
        {
            sandbox.Ready = false;
            foreach (var container in containers.Values.Where(container => container.Sandbox == sandbox))
            {
                End(container, 137);
            }
        }

        return Task.CompletedTask;
    }

    public Task RemovePodSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        if (sandboxes.TryRemove(sandboxId, out var sandbox))
        {
            byPod.TryRemove(sandbox.Config.Metadata.Uid, out _);
            foreach (var container in containers.Values.Where(container => container.Sandbox == sandbox).ToList())
            {
                containers.TryRemove(container.Id, out _);
            }
        }

        return Task.CompletedTask;
    }

    public Task<PodSandboxStatus?> PodSandboxStatusAsync(string sandboxId, CancellationToken cancellationToken) =>
        Task.FromResult(sandboxes.GetValueOrDefault(sandboxId)?.Status());

    public Task<IReadOnlyList<PodSandbox>> ListPodSandboxesAsync(string? podUid, CancellationToken cancellationToken)
    {
        var found = podUid is null ? sandboxes.Values : Ids(podUid).Select(id => sandboxes.GetValueOrDefault(id)).OfType<SimulatedSandbox>();
        return Task.FromResult<IReadOnlyList<PodSandbox>>([.. found.Select(sandbox => sandbox.Listed())]);
    }

    public Task<string> CreateContainerAsync(
        string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken)
    {
        var sandbox = sandboxes.GetValueOrDefault(sandboxId) ?? throw new CriException($"sandbox {sandboxId} not found");
        var id = Guid.NewGuid().ToString("N");
        containers[id] = new(id, sandbox, config, clock.GetUtcNow());
        Remember(sandbox.Config.Metadata.Uid, id);
        return Task.FromResult(id);
    }

    public Task StartContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        var container = containers.GetValueOrDefault(containerId) ?? throw new CriException($"container {containerId} not found");
        var now = clock.GetUtcNow();
        container.StartedAt = now;
        if (EndOf(container) is var (after, exitCode))
        {
            (container.ExitsAt, container.ExitCode) = (now + after, exitCode);
            _ = TellAsync(containerId, after);
        }

        return Task.CompletedTask;
    }

    public Task StopContainerAsync(string containerId, TimeSpan grace, string? signal, CancellationToken cancellationToken)
    {
        if (containers.TryGetValue(containerId, out var container))
        {
            End(container, 0);
        }

        return Task.CompletedTask;
    }

    public Task UpdateContainerResourcesAsync(string containerId, LinuxContainerResources resources, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        if (containers.TryRemove(containerId, out var container))
        {
            byPod.AddOrUpdate(container.Sandbox.Config.Metadata.Uid, [], (_, ids) => [.. ids.Where(id => id != containerId)]);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Container>> ListContainersAsync(string? podUid, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var found = podUid is null ? containers.Values : Ids(podUid).Select(id => containers.GetValueOrDefault(id)).OfType<SimulatedContainer>();
        return Task.FromResult<IReadOnlyList<Container>>([.. found.Select(container => container.Listed(now))]);
    }

    public Task<ContainerStatus?> ContainerStatusAsync(string containerId, CancellationToken cancellationToken) =>
        Task.FromResult(containers.GetValueOrDefault(containerId)?.Status(clock.GetUtcNow()));

    public Task ReopenContainerLogAsync(string containerId, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<ContainerStats>> ListContainerStatsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ContainerStats>>([]);

    public Task<ExecSyncResponse> ExecSyncAsync(
        string containerId, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken) =>
        Task.FromResult(new ExecSyncResponse { Stdout = ByteString.CopyFromUtf8($"simulated: {string.Join(' ', command)}\n") });

    public Task<Uri> ExecAsync(ExecRequest request, CancellationToken cancellationToken) => throw NoStreams();

    public Task<Uri> AttachAsync(AttachRequest request, CancellationToken cancellationToken) => throw NoStreams();

    public Task<Uri> PortForwardAsync(PortForwardRequest request, CancellationToken cancellationToken) => throw NoStreams();

    public Task<IReadOnlyList<Image>> ListImagesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Image>>([]);

    public Task<Image?> ImageStatusAsync(string image, CancellationToken cancellationToken) =>
        Task.FromResult<Image?>(new Image { Id = image, RepoTags = { image } });

    public Task<string> PullImageAsync(
        string image, AuthConfig? credentials, PodSandboxConfig? sandboxConfig, CancellationToken cancellationToken) => Task.FromResult(image);

    public Task RemoveImageAsync(string image, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ImageFsInfoResponse> ImageFsInfoAsync(CancellationToken cancellationToken) => Task.FromResult(new ImageFsInfoResponse());

    public async IAsyncEnumerable<RuntimeEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var happened in events.Reader.ReadAllAsync(cancellationToken))
        {
            yield return happened;
        }
    }

    private static CriException NoStreams() => new("the simulated runtime has no containers to connect to");

    private (TimeSpan After, int ExitCode)? EndOf(SimulatedContainer container)
    {
        var annotations = container.Config.Annotations;
        return annotations.TryGetValue(SimulationAnnotations.RunSeconds, out var text) && double.TryParse(text, out var seconds)
            ? (TimeSpan.FromSeconds(seconds), annotations.TryGetValue(SimulationAnnotations.ExitCode, out var code) && int.TryParse(code, out var number) ? number : 0)
            : rules.For(container.Sandbox.Config).End(rules.Random);
    }

    private void End(SimulatedContainer container, int exitCode)
    {
        var now = clock.GetUtcNow();
        if (container.StateAt(now) == ContainerState.ContainerRunning)
        {
            (container.ExitsAt, container.ExitCode) = (now, exitCode);
            events.Writer.TryWrite(new(container.Id, RuntimeEventKind.Exited));
        }
    }

    private async Task TellAsync(string containerId, TimeSpan after)
    {
        await Task.Delay(after, clock);
        events.Writer.TryWrite(new(containerId, RuntimeEventKind.Exited));
    }

    private string[] Ids(string podUid) => byPod.GetValueOrDefault(podUid) ?? [];

    private void Remember(string podUid, string id) => byPod.AddOrUpdate(podUid, [id], (_, ids) => [.. ids, id]);

    /// <summary>Out of 10.128.0.0/9: enough for eight million pods before one comes again.</summary>
    private string NextAddress()
    {
        var number = Interlocked.Increment(ref addresses) & 0x7FFFFF;
        return $"10.{128 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}";
    }
}
