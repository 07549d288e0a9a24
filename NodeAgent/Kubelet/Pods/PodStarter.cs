using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Carries out a plan for a pod that is to run: sandbox, containers to kill, containers to start.</summary>
internal sealed partial class PodStarter(PodServices services, IPodFiles files, PodMemory memory)
{
    private static readonly TimeSpan RetryConfig = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan VolumeRefresh = TimeSpan.FromSeconds(60);

    private readonly ContainerEnd end = new(services);
    private PodSandboxConfig? sandboxConfig;
    private DateTimeOffset volumesRefreshAt;
    private bool volumesReady;

    /// <returns>Whether something changed that is worth an immediate look.</returns>
    public async Task<bool> ApplyAsync(PodObservation observed, PodPlan plan, CancellationToken cancellationToken)
    {
        var changed = plan.Kill.Count > 0 || plan.StopSandboxes.Count > 0;
        foreach (var kill in plan.Kill)
        {
            await end.RunAsync(observed, kill.Container, kill.Record.Id, kill.Message, kill.Grace ?? PodGrace.Of(observed.Pod), cancellationToken);
        }

        foreach (var sandbox in plan.StopSandboxes)
        {
            await services.Runtime.StopPodSandboxAsync(sandbox.Id, cancellationToken);
        }

        if (plan.CreateSandbox)
        {
            await CreateSandboxAsync(observed, plan, cancellationToken);
            return true;
        }

        await new PodResize(services, files, memory).ApplyAsync(observed.Pod, plan, cancellationToken);
        foreach (var name in plan.BackingOff.Keys.Where(memory.BacksOffAnew))
        {
            services.Events.Warning(observed.Pod, observed.Pod.Spec.Find(name), "BackOff", $"Back-off restarting failed container {name} in pod {PodNames.Full(observed.Pod)}");
        }

        foreach (var container in plan.Start.Where(container => !memory.Waits(container.Name, observed.Now)))
        {
            changed |= await StartAsync(observed, container, cancellationToken);
        }

        return changed;
    }

    /// <summary>Files that follow the cluster are brought up to date about once a minute.</summary>
    public async Task RefreshVolumesAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (services.Clock.GetUtcNow() >= volumesRefreshAt && pod.Spec.Volumes is { Length: > 0 })
        {
            await SetUpVolumesAsync(pod, cancellationToken);
        }
    }

    private async Task SetUpVolumesAsync(Pod pod, CancellationToken cancellationToken)
    {
        await files.SetUpVolumesAsync(pod, cancellationToken);
        volumesReady = true;
        volumesRefreshAt = services.Clock.GetUtcNow() + VolumeRefresh;
    }

    private async Task CreateSandboxAsync(PodObservation observed, PodPlan plan, CancellationToken cancellationToken)
    {
        var pod = observed.Pod;
        if (plan.SandboxAttempt > 0)
        {
            services.Events.Normal(pod, null, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        }

        sandboxConfig = files.Sandbox(pod, plan.SandboxAttempt);
        var volumes = SetUpVolumesAsync(pod, cancellationToken);
        try
        {
            await services.Runtime.RunPodSandboxAsync(sandboxConfig, await services.RuntimeHandler(pod, cancellationToken), cancellationToken);
            services.Metrics.Count("kubelet_started_pods_total");
        }
        catch (Exception exception) when (exception is CriException { Unreachable: false } or ContainerConfigException)
        {
            services.Metrics.Count("kubelet_started_pods_errors_total");
            services.Events.Warning(pod, null, "FailedCreatePodSandBox", $"Failed to create pod sandbox: {(exception as CriException)?.RpcError ?? exception.Message}");
            throw;
        }
        finally
        {
            // Made side by side: neither is left running when the other fails.
            await ((Task)volumes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await volumes;
    }

    private async Task<bool> StartAsync(PodObservation observed, PodContainer container, CancellationToken cancellationToken)
    {
        var pod = observed.Pod;
        if (!volumesReady)
        {
            await SetUpVolumesAsync(pod, cancellationToken);
        }

        var outcome = await services.Images.EnsureAsync(pod, container, cancellationToken);
        if (outcome.Image is null)
        {
            memory.Trouble(container.Name, outcome.Trouble!, outcome.RetryAt);
            return false;
        }

        var record = observed.Runtime.Latest(container.Name);
        var attempt = record is not null ? record.Attempt + 1 : RestartsBefore(pod, container);
        string? id;
        bool started;
        using (await TurnAsync(again: record is not null, cancellationToken))
        {
            id = await CreateAsync(observed, container, attempt, outcome.Image, cancellationToken);
            if (id is null)
            {
                return false;
            }

            await ForgetOldAsync(observed, container, cancellationToken);
            if (record?.FinishedAt is { } finishedAt)
            {
                BackOffEntry? entry = memory.BackOffs.TryGetValue(container.Name, out var known) ? known : null;
                memory.BackOffs[container.Name] = RestartBackOff.Next(entry, finishedAt, services.Clock.GetUtcNow());
            }

            memory.BackOffOver(container.Name);
            started = await RunAsync(pod, container, attempt, id, cancellationToken);
        }

        if (started && container.Spec.Lifecycle?.PostStart is { } hook)
        {
            await PostStartAsync(observed, container, hook, id, cancellationToken);
        }

        return true;
    }

    private async Task<IDisposable?> TurnAsync(bool again, CancellationToken cancellationToken) =>
        services.Starts is { } starts ? await starts.TurnAsync(again, cancellationToken) : null;

    private async Task<string?> CreateAsync(
        PodObservation observed, PodContainer container, uint attempt, Image image, CancellationToken cancellationToken)
    {
        var pod = observed.Pod;
        var sandbox = observed.Runtime.Sandbox!;
        try
        {
            var target = container.TargetContainerName is { Length: > 0 } name ? observed.Runtime.Latest(name)?.Id : null;
            var config = await files.ContainerAsync(pod, container, new(attempt, image, sandbox.Ips, target), cancellationToken);
            sandboxConfig ??= files.Sandbox(pod, sandbox.Attempt);
            var id = await services.Runtime.CreateContainerAsync(sandbox.Id, config, sandboxConfig, cancellationToken);
            services.Events.Normal(pod, container, "Created", $"Created container: {container.Name}");
            return id;
        }
        catch (ContainerConfigException exception)
        {
            Failed(pod, container, "CreateContainerConfigError", exception.Message, services.Clock.GetUtcNow() + RetryConfig);
        }
        catch (CriException exception) when (!exception.Unreachable)
        {
            Failed(pod, container, "CreateContainerError", exception.Message, services.Clock.GetUtcNow() + RetryConfig);
        }

        return null;
    }

    private async Task<bool> RunAsync(Pod pod, PodContainer container, uint attempt, string id, CancellationToken cancellationToken)
    {
        try
        {
            await services.Runtime.StartContainerAsync(id, cancellationToken);
        }
        catch (CriException exception) when (!exception.Unreachable)
        {
            // The runtime counts it as ended: the crash back-off says when it is tried again.
            Failed(pod, container, "RunContainerError", exception.Message, retryAt: null);
            return false;
        }

        memory.Overcome(container.Name);
        services.Metrics.Count("kubelet_started_containers_total", ("container_type", container.MetricName));
        services.Events.Normal(pod, container, "Started", $"Started container {container.Name}");
        LinkLog(pod, container, attempt, id);
        return true;
    }

    /// <summary>A container runs as well without: only collectors miss it.</summary>
    private void LinkLog(Pod pod, PodContainer container, uint attempt, string id)
    {
        try
        {
            files.LinkLog(pod, container, attempt, id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnlinked(services.Logger, container.Name, PodNames.Full(pod), exception.Message);
        }
    }

    private async Task PostStartAsync(
        PodObservation observed, PodContainer container, LifecycleHandler hook, string id, CancellationToken cancellationToken)
    {
        var host = observed.Runtime.Sandbox is { Ips: [var ip, ..] } ? ip : services.Node(observed.Pod).Ip;
        if (await services.Hooks.RunAsync(hook, new ProbeTarget(id, container.Spec, host), cancellationToken) is { } failure)
        {
            services.Events.Warning(observed.Pod, container, "FailedPostStartHook", $"PostStartHook failed: {failure}");
            await end.RunAsync(observed, container, id, "FailedPostStartHook", PodGrace.Of(observed.Pod), cancellationToken);
        }
    }

    /// <summary>One ended container is kept for its logs and its last state; older ones go.</summary>
    private async Task ForgetOldAsync(PodObservation observed, PodContainer container, CancellationToken cancellationToken)
    {
        foreach (var old in observed.Runtime.Containers.Where(record => record.Name == container.Name && !record.Running).Skip(1))
        {
            await services.Runtime.RemoveContainerAsync(old.Id, cancellationToken);
            files.RemoveLog(observed.Pod, old);
        }
    }

    private void Failed(Pod pod, PodContainer container, string reason, string message, DateTimeOffset? retryAt)
    {
        memory.Trouble(container.Name, new(reason, message), retryAt);
        services.Metrics.Count("kubelet_started_containers_errors_total", ("code", reason), ("container_type", container.MetricName));
        services.Events.Warning(pod, container, "Failed", $"Error: {message}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log of container {Container} of pod {Pod} has no link: {Reason}")]
    private static partial void LogUnlinked(ILogger logger, string container, string pod, string reason);

    /// <summary>A container whose records are gone goes on counting where the API's status stands.</summary>
    private static uint RestartsBefore(Pod pod, PodContainer container)
    {
        var known = (pod.Status.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? [])
            .FirstOrDefault(status => status.Name == container.Name);
        return known?.ContainerID is { Length: > 0 } ? (uint)known.RestartCount + 1 : 0;
    }
}

internal static class PodGrace
{
    public static TimeSpan Of(Pod pod) =>
        TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 30);
}
