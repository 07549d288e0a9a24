using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>
/// Keeps one pod as its spec wants it: look, plan, tell the API, do, look again; one step at a time, woken by changes of the
/// spec, events of the runtime, probes and due times.
/// </summary>
internal sealed partial class PodWorker : IDisposable
{
    private static readonly TimeSpan Resync = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(1);

    private readonly PodServices services;
    private readonly PodRuntimeReader reader;
    private readonly PodProbes probes;
    private readonly PodStarter starter;
    private readonly PodEnder ender;
    private readonly PodMemory memory = new();
    private readonly Signal signal = new();
    private readonly Lock gate = new();
    private Pod pod;
    private bool removed;
    private volatile bool ended;
    private PodVerdict? verdict;
    private CancellationTokenSource? step;
    private TaskCompletionSource? end;

    public PodWorker(Pod pod, PodServices services)
    {
        this.pod = pod;
        this.services = services;
        reader = new(services.Runtime, services.LastWords);
        probes = new(services, signal.Set);
        Files = services.Files(pod);
        starter = new(services, Files, memory);
        ender = new(services, Files);
    }

    public IPodFiles Files { get; }

    /// <summary>The runtime's view at the last look; what the server's log and exec requests go by.</summary>
    public PodRuntimeState Observed { get; private set; } = PodRuntimeState.None;

    /// <summary>Whether the pod counts among what the node's resources are taken by: until it has ended, or the API takes it for ended.</summary>
    public bool HoldsPlace => !ended && Pod.Status.Phase is not ("Succeeded" or "Failed");

    public Pod Pod
    {
        get
        {
            lock (gate)
            {
                return pod;
            }
        }
    }

    public void Wake() => signal.Set();

    /// <summary>A newer spec or status. One that asks for an end interrupts what is being done.</summary>
    public void Update(Pod newer)
    {
        lock (gate)
        {
            var ending = newer.Metadata.DeletionTimestamp is not null
                && (pod.Metadata.DeletionTimestamp is null || pod.Metadata.DeletionGracePeriodSeconds != newer.Metadata.DeletionGracePeriodSeconds);
            pod = newer;
            if (ending)
            {
                step?.Cancel();
            }
        }

        signal.Set();
    }

    /// <summary>The object is gone from the API: what runs is ended at once.</summary>
    public void Removed()
    {
        lock (gate)
        {
            removed = true;
            pod = pod with { Metadata = pod.Metadata with { DeletionTimestamp = pod.Metadata.DeletionTimestamp ?? services.Clock.GetUtcNow(), DeletionGracePeriodSeconds = 1 } };
            step?.Cancel();
        }

        signal.Set();
    }

    /// <summary>The node ends the pod: then its phase is Failed for this reason.</summary>
    /// <returns>False when it ends, or has ended, for another.</returns>
    public bool Fail(PodVerdict reason)
    {
        lock (gate)
        {
            if (verdict is not null || pod.Status.Phase is "Succeeded" or "Failed")
            {
                return false;
            }

            verdict = reason;
            step?.Cancel();
        }

        signal.Set();
        return true;
    }

    /// <summary>Completes when nothing of the pod runs any more.</summary>
    public Task WhenEndedAsync()
    {
        lock (gate)
        {
            return ended ? Task.CompletedTask : (end ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Returns when the pod is gone from the node and from the API.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wait = await StepAsync(cancellationToken);
            if (wait is null)
            {
                return;
            }

            await signal.WaitAsync(wait.Value, services.Clock, cancellationToken);
        }
    }

    public void Dispose()
    {
        signal.Dispose();
        step?.Dispose();
    }

    /// <returns>How long to wait for something to happen before the next look; null when there is nothing left to do.</returns>
    private async Task<TimeSpan?> StepAsync(CancellationToken cancellationToken)
    {
        using var interruptible = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (gate)
        {
            step = interruptible;
        }

        var started = services.Clock.GetTimestamp();
        try
        {
            return await SyncAsync(interruptible.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
        catch (VolumeException exception)
        {
            services.Events.Warning(Pod, null, "FailedMount", exception.Message);
            return memory.RetryAfter(exception.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(services.Logger, PodNames.Full(Pod), exception.Message);
            return RetryAfterFailure;
        }
        finally
        {
            services.Metrics.StepTimes.Add(Pod.Metadata.DeletionTimestamp is null ? "operation_type=\"sync\"" : "operation_type=\"terminating\"", services.Clock.GetElapsedTime(started));
            lock (gate)
            {
                step = null;
            }
        }
    }

    private async Task<TimeSpan?> SyncAsync(CancellationToken cancellationToken)
    {
        var observed = await ObserveAsync(cancellationToken);
        var plan = PodPlan.Compute(observed);
        memory.ResizeTrouble = plan.Resize.Count == 0 ? null : memory.ResizeTrouble;
        Publish(observed, plan);
        if (observed.Terminating || plan.Finished)
        {
            return await EndAsync(observed, plan, cancellationToken);
        }

        if ((!plan.Idle || plan.BackingOff.Count > 0) && await starter.ApplyAsync(observed, plan, cancellationToken))
        {
            return TimeSpan.Zero;
        }

        await starter.RefreshVolumesAsync(observed.Pod, cancellationToken);
        Publish(observed = observed with { Troubles = memory.Troubles(), ResizeTrouble = memory.ResizeTrouble }, plan);
        return NextLook(observed, plan);
    }

    private async Task<PodObservation> ObserveAsync(CancellationToken cancellationToken)
    {
        var current = Pod;
        Observed = await reader.ReadAsync(current, cancellationToken);
        var now = services.Clock.GetUtcNow();
        memory.StartedAt ??= current.Status.StartTime ?? now;
        if (current.Spec.ActiveDeadlineSeconds is { } seconds && verdict is null && now >= memory.StartedAt + TimeSpan.FromSeconds(seconds))
        {
            verdict = new("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        }

        var observed = new PodObservation
        {
            Pod = current,
            Runtime = Observed,
            Now = now,
            BackOffs = memory.BackOffs,
            Troubles = memory.Troubles(),
            Resized = memory.Resized,
            ResizeTrouble = memory.ResizeTrouble,
            Verdict = verdict,
            StartedAt = memory.StartedAt.Value,
        };
        probes.Follow(observed);
        return observed with { Probes = probes.Verdicts() };
    }

    private void Publish(PodObservation observed, PodPlan plan)
    {
        if (!removed)
        {
            services.Statuses.Set(observed.Pod, PodStatusBuilder.Build(observed, plan, services.Node(observed.Pod).Ip));
        }
    }

    private async Task<TimeSpan?> EndAsync(PodObservation observed, PodPlan plan, CancellationToken cancellationToken)
    {
        if (await ender.KillAsync(observed, plan, probes, cancellationToken))
        {
            return TimeSpan.Zero;
        }

        Ended();
        if (observed.Pod.Metadata.DeletionTimestamp is null)
        {
            return ender.TearDown(observed.Pod) ? Timeout.InfiniteTimeSpan : RetryAfterFailure;
        }

        await probes.StopAsync();
        if (!removed)
        {
            await ender.FinishAsync(observed.Pod, cancellationToken);
        }

        await ender.RemoveAsync(observed, cancellationToken);
        return null;
    }

    private void Ended()
    {
        lock (gate)
        {
            ended = true;
            end?.TrySetResult();
        }
    }

    private TimeSpan NextLook(PodObservation observed, PodPlan plan)
    {
        var due = new[] { plan.LookAgain, memory.NextRetry(), Deadline(observed.Pod) }.Where(time => time is not null).Min();
        var wait = due is { } time ? time - services.Clock.GetUtcNow() : Resync;
        return wait < TimeSpan.FromMilliseconds(10) ? TimeSpan.FromMilliseconds(10) : wait < Resync ? wait : Resync;
    }

    private DateTimeOffset? Deadline(Pod current) =>
        current.Spec.ActiveDeadlineSeconds is { } seconds ? memory.StartedAt + TimeSpan.FromSeconds(seconds) : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string pod, string reason);
}
