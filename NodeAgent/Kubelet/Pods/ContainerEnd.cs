using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Probes;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>How one container ends, whoever wants it to: its preStop hook first, then its signal, both within one grace period.</summary>
internal sealed class ContainerEnd(PodServices services)
{
    /// <summary>A container is given this much even when its hook has used up the grace period.</summary>
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);

    public async Task RunAsync(PodObservation observed, PodContainer? container, string id, string message, TimeSpan grace, CancellationToken cancellationToken)
    {
        var since = services.Clock.GetUtcNow();
        await TellAsync(observed, container, id, message, grace, cancellationToken);
        await StopAsync(container, id, grace, since, cancellationToken);
    }

    /// <summary>Says so in an event, and runs the hook. A grace period of nothing has no room for one.</summary>
    public Task TellAsync(PodObservation observed, PodContainer? container, string id, string message, TimeSpan grace, CancellationToken cancellationToken)
    {
        services.Events.Normal(observed.Pod, container, "Killing", message);
        return container?.Spec.Lifecycle?.PreStop is { } hook && grace > TimeSpan.Zero ? PreStopAsync(observed, container, id, hook, grace, cancellationToken) : Task.CompletedTask;
    }

    /// <param name="since">When the grace period began.</param>
    public Task StopAsync(PodContainer? container, string id, TimeSpan grace, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var left = grace - (services.Clock.GetUtcNow() - since);
        var least = grace < LeastGrace ? grace : LeastGrace;
        return services.Runtime.StopContainerAsync(id, left > least ? left : least, container?.Spec.Lifecycle?.StopSignal, cancellationToken);
    }

    private async Task PreStopAsync(
        PodObservation observed, PodContainer container, string id, LifecycleHandler hook, TimeSpan grace, CancellationToken cancellationToken)
    {
        var host = observed.Runtime.Sandbox is { Ips: [var ip, ..] } ? ip : services.Node(observed.Pod).Ip;
        var running = services.Hooks.RunAsync(hook, new ProbeTarget(id, container.Spec, host), cancellationToken);
        try
        {
            if (await running.WaitAsync(grace, services.Clock, cancellationToken) is { } failure)
            {
                services.Events.Warning(observed.Pod, container, "FailedPreStopHook", $"PreStopHook failed: {failure}");
            }
        }
        catch (TimeoutException)
        {
            services.Events.Warning(observed.Pod, container, "FailedPreStopHook", "PreStopHook failed: it did not end within the grace period");
        }
    }
}
