using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime;
using Cri = Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Reads what the runtime says of one pod. Details are asked for once per container and state, not on every look.</summary>
internal sealed class PodRuntimeReader(ICriRuntime runtime, LastWords lastWords)
{
    private readonly Dictionary<string, (Cri.ContainerState State, ContainerRecord Record)> containers = [];
    private readonly Dictionary<string, IReadOnlyList<string>> addresses = [];

    public async Task<PodRuntimeState> ReadAsync(Pod pod, CancellationToken cancellationToken)
    {
        var sandboxes = runtime.ListPodSandboxesAsync(pod.Metadata.Uid, cancellationToken);
        var listed = await runtime.ListContainersAsync(pod.Metadata.Uid, cancellationToken);
        var records = new List<ContainerRecord>(listed.Count);
        foreach (var container in listed)
        {
            if (await ContainerAsync(pod, container, cancellationToken) is { } record)
            {
                records.Add(record);
            }
        }

        var found = new List<SandboxRecord>();
        foreach (var sandbox in (await sandboxes).OrderByDescending(sandbox => sandbox.CreatedAt))
        {
            var ready = sandbox.State == Cri.SandboxState.SandboxReady;
            var ips = ready ? await AddressesAsync(sandbox.Id, cancellationToken) : [];
            found.Add(new(sandbox.Id, sandbox.Metadata.Attempt, ready, Time(sandbox.CreatedAt), ips));
        }

        Forget(listed);
        return new(found, [.. records.OrderByDescending(record => record.Attempt).ThenByDescending(record => record.CreatedAt)]);
    }

    private async Task<ContainerRecord?> ContainerAsync(Pod pod, Cri.Container container, CancellationToken cancellationToken)
    {
        if (containers.TryGetValue(container.Id, out var known) && known.State == container.State)
        {
            return known.Record;
        }

        if (await runtime.ContainerStatusAsync(container.Id, cancellationToken) is not { } status)
        {
            return null;
        }

        var record = Record(container, status);
        if (record.State == RunState.Exited && pod.Spec?.Find(record.Name) is { } spec)
        {
            var message = await lastWords.ReadAsync(pod, spec, record, cancellationToken);
            record = message.Length > 0 ? record with { Message = message } : record;
        }

        containers[container.Id] = (status.State, record);
        return record;
    }

    private static ContainerRecord Record(Cri.Container container, Cri.ContainerStatus status) => new()
    {
        Id = container.Id,
        Name = container.Metadata.Name,
        SandboxId = container.PodSandboxId,
        Attempt = container.Metadata.Attempt,
        State = status.State switch
        {
            Cri.ContainerState.ContainerCreated => RunState.Created,
            Cri.ContainerState.ContainerRunning => RunState.Running,
            Cri.ContainerState.ContainerExited => RunState.Exited,
            _ => RunState.Unknown,
        },
        CreatedAt = Time(status.CreatedAt),
        StartedAt = status.StartedAt > 0 ? Time(status.StartedAt) : null,
        FinishedAt = status.FinishedAt > 0 ? Time(status.FinishedAt) : null,
        ExitCode = status.ExitCode,
        Reason = status.Reason,
        Message = status.Message,
        ImageId = status.ImageRef,
        LogPath = status.LogPath,
        SpecImage = container.Annotations.TryGetValue(ContainerConfigBuilder.ImageAnnotation, out var image) ? image : "",
        SpecResources = container.Annotations.TryGetValue(ContainerConfigBuilder.ResourcesAnnotation, out var resources) ? resources : "",
    };

    private async Task<IReadOnlyList<string>> AddressesAsync(string sandboxId, CancellationToken cancellationToken)
    {
        if (!addresses.TryGetValue(sandboxId, out var ips))
        {
            var network = (await runtime.PodSandboxStatusAsync(sandboxId, cancellationToken))?.Network;
            ips = network is { Ip.Length: > 0 } ? [network.Ip, .. network.AdditionalIps.Select(ip => ip.Ip)] : [];
            addresses[sandboxId] = ips;
        }

        return ips;
    }

    private void Forget(IReadOnlyList<Cri.Container> listed)
    {
        if (containers.Count > listed.Count)
        {
            foreach (var gone in containers.Keys.Except(listed.Select(container => container.Id)).ToList())
            {
                containers.Remove(gone);
            }
        }
    }

    /// <summary>CRI counts nanoseconds since the epoch.</summary>
    private static DateTimeOffset Time(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}
