using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <summary>
/// All probes of one running container: the startup probe alone until it succeeds, then liveness and readiness side by side.
/// </summary>
internal sealed class ContainerProbes : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping;
    private readonly Pod pod;
    private readonly PodContainer container;
    private readonly ProbeTarget target;
    private readonly IProber prober;
    private readonly PodEvents events;
    private readonly KubeletMetrics metrics;
    private readonly TimeProvider clock;
    private readonly DateTimeOffset startedAt;
    private readonly Action changed;
    private readonly Task running;
    private volatile bool stopped;

    /// <param name="known">What an earlier agent told of this very container: it stays what it was until a probe says otherwise.</param>
    public ContainerProbes(
        Pod pod, PodContainer container, ContainerStatus? known, ProbeTarget target, IProber prober, PodEvents events, KubeletMetrics metrics, TimeProvider clock, Action changed, CancellationToken cancellationToken)
    {
        (this.pod, this.container, this.target, this.prober) = (pod, container, target, prober);
        (this.events, this.metrics, this.clock, this.changed) = (events, metrics, clock, changed);
        var spec = container.Spec;
        startedAt = known?.State?.Running?.StartedAt ?? clock.GetUtcNow();
        Verdict = new(Ready: known?.Ready == true || (spec.ReadinessProbe is null && spec.StartupProbe is null), Live: true, Started: known?.Started == true || spec.StartupProbe is null);
        stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        running = RunAsync(stopping.Token);
    }

    public ProbeVerdict Verdict { get; private set; }

    public static bool Needed(Container spec) => spec.StartupProbe is not null || spec.LivenessProbe is not null || spec.ReadinessProbe is not null;

    /// <summary>Asked to end its work, a container is no longer killed for being unwell.</summary>
    public void StopKilling() => stopped = true;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        metrics.ForgetProbes(MetricText.Labels(Who));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        var spec = container.Spec;
        if (spec.StartupProbe is { } startup && !Verdict.Started && !await StartupAsync(startup, cancellationToken))
        {
            return;
        }

        await Task.WhenAll(
            spec.LivenessProbe is { } liveness ? LivenessAsync(liveness, cancellationToken) : Task.CompletedTask,
            spec.ReadinessProbe is { } readiness ? ReadinessAsync(readiness, cancellationToken) : Task.CompletedTask);
    }

    private async Task<bool> StartupAsync(Probe probe, CancellationToken cancellationToken)
    {
        var counter = new ProbeCounter(probe, initial: false);
        await LoopAsync(probe, ProbeKind.Startup, counter, () => counter.Decided, cancellationToken);
        Set(Verdict with
        {
            Started = counter.Healthy,
            Live = counter.Healthy,
            Ready = counter.Healthy && container.Spec.ReadinessProbe is null,
            FailedProbe = "startup",
        });
        return counter.Healthy;
    }

    private async Task LivenessAsync(Probe probe, CancellationToken cancellationToken)
    {
        var counter = new ProbeCounter(probe, initial: true);
        await LoopAsync(probe, ProbeKind.Liveness, counter, () => !counter.Healthy, cancellationToken);
        if (!stopped)
        {
            Set(Verdict with { Live = false, FailedProbe = "liveness" });
        }
    }

    private Task ReadinessAsync(Probe probe, CancellationToken cancellationToken)
    {
        var counter = new ProbeCounter(probe, initial: Verdict.Ready);
        return LoopAsync(probe, ProbeKind.Readiness, counter, Never, cancellationToken);

        bool Never()
        {
            if (Verdict.Ready != counter.Healthy)
            {
                Set(Verdict with { Ready = counter.Healthy });
            }

            return false;
        }
    }

    private async Task LoopAsync(Probe probe, ProbeKind kind, ProbeCounter counter, Func<bool> done, CancellationToken cancellationToken)
    {
        var delay = startedAt + TimeSpan.FromSeconds(probe.InitialDelaySeconds) - clock.GetUtcNow();
        await Task.Delay(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, clock, cancellationToken);
        while (true)
        {
            await OnceAsync(probe, kind, counter, cancellationToken);
            if (done())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(probe.PeriodSeconds > 0 ? probe.PeriodSeconds : 10), clock, cancellationToken);
        }
    }

    private async Task OnceAsync(Probe probe, ProbeKind kind, ProbeCounter counter, CancellationToken cancellationToken)
    {
        try
        {
            var started = clock.GetTimestamp();
            var result = await prober.ProbeAsync(probe, target, cancellationToken);
            metrics.ProbeTimes.Add(MetricText.Labels([.. Who, ("probe_type", $"{kind}")]), clock.GetElapsedTime(started));
            Count(kind, result.Success ? "successful" : "failed");
            if (!result.Success)
            {
                events.Warning(pod, container, "Unhealthy", $"{kind} probe failed: {result.Output}");
            }
            else if (result.Output.Length > 0)
            {
                events.Warning(pod, container, "ProbeWarning", $"{kind} probe warning: {result.Output}");
            }

            counter.Add(result.Success);
        }
        catch (CriException exception)
        {
            // The runtime is away: nothing is known of the container, so its verdict stays.
            Count(kind, "unknown");
            events.Warning(pod, container, "ProbeError", $"{kind} probe errored: {exception.Message}");
        }
    }

    private (string Name, string Value)[] Who => [("container", container.Name), ("namespace", pod.Metadata.Namespace ?? ""), ("pod", pod.Metadata.Name)];

    private void Count(ProbeKind kind, string result) =>
        metrics.Count("prober_probe_total", [.. Who, ("pod_uid", pod.Metadata.Uid ?? ""), ("probe_type", $"{kind}"), ("result", result)]);

    private void Set(ProbeVerdict verdict)
    {
        Verdict = verdict;
        changed();
    }
}
