using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Placement;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Garbage;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Runtime;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Eviction;

/// <summary>
/// Watches memory, disks and processes. When one runs short: first what nobody needs (ended containers, unused images), then one
/// pod at a time; the node's conditions say so all the while.
/// </summary>
internal sealed partial class EvictionLoop(
    KubeletOptions options, NodeIdentity node, PodWorkers workers, PodServices services, UsageReader usage, CgroupTree cgroups, ImageGarbage images, NodeEvents events)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StorageInterval = TimeSpan.FromSeconds(10);

    /// <summary>Who is evicted at once is told so all the same.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private static readonly Taint MemoryPressure = new() { Key = "node.kubernetes.io/memory-pressure", Effect = "NoSchedule" };

    private readonly IReadOnlyList<EvictionThreshold> thresholds = options.EvictionThresholds;
    private EvictionHistory history = EvictionHistory.None;
    private PodWorker? leaving;
    private DateTimeOffset storageDue;

    /// <summary>Node conditions that are true now.</summary>
    public IReadOnlyList<string> Pressures { get; private set; } = [];

    /// <param name="changed">Called when <see cref="Pressures"/> are others than before.</param>
    public async Task RunAsync(Action changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await LookAsync(cancellationToken))
                {
                    changed();
                }
            }
            catch (Exception exception) when (exception is CriException or IOException)
            {
                LogFailed(services.Logger, exception.Message);
            }

            await Task.Delay(Interval, services.Clock, cancellationToken);
        }
    }

    /// <summary>Under pressure only those may come that make it no worse: for memory, pods that asked for some; else only critical ones.</summary>
    public PodRefusal? Refuse(Pod pod)
    {
        var pressures = Pressures;
        if (pressures.Count == 0 || PodImportance.IsCritical(pod))
        {
            return null;
        }

        var onlyMemory = pressures is ["MemoryPressure"];
        var welcome = onlyMemory && (PodQos.ClassOf(pod.Spec) != PodQos.BestEffort
            || pod.Spec.Tolerations.Tolerates(MemoryPressure));
        return welcome ? null : new(EvictionMessages.Reason, EvictionMessages.NodeHadCondition(pressures));
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var now = services.Clock.GetUtcNow();
        var amounts = await AmountsAsync(cancellationToken);
        var plan = EvictionPlan.Compute(thresholds, amounts, history, options.EvictionPressureTransition, now);
        history = plan.History;
        var changed = !plan.Pressures.SequenceEqual(Pressures);
        Pressures = plan.Pressures;
        if (now >= storageDue)
        {
            storageDue = now + StorageInterval;
            await KeepLimitsAsync(cancellationToken);
        }

        if (leaving is { Observed.AnyRunning: false } or { Pod.Metadata.DeletionTimestamp: not null })
        {
            leaving = null;
        }

        if (plan.Reclaim is { } met && leaving is null)
        {
            events.Warning("EvictionThresholdMet", $"Attempting to reclaim {EvictionSignal.Resource(met.Threshold.Signal)}");
            await ReclaimAsync(met, cancellationToken);
        }

        return changed;
    }

    private async Task<Dictionary<string, SignalAmount>> AmountsAsync(CancellationToken cancellationToken)
    {
        var memory = MachineFacts.Memory();
        var pods = (long)cgroups.UsageOfPods().WorkingSet;
        var (disk, layers) = (FileSystem.Of(options.RootDirectory), await usage.ImageFileSystemAsync(cancellationToken));
        var (processes, most) = MachineFacts.Processes();
        var offered = node.Resources.Memory - options.Reserved.Memory;
        return new(StringComparer.Ordinal)
        {
            [EvictionSignal.MemoryAvailable] = new(memory.Available, memory.Total),
            [EvictionSignal.AllocatableMemoryAvailable] = new(offered - pods, offered),
            [EvictionSignal.NodeFsAvailable] = new(disk.Available, disk.Capacity),
            [EvictionSignal.NodeFsInodesFree] = new(disk.InodesFree, disk.Inodes),
            [EvictionSignal.ImageFsAvailable] = new(layers.Available, layers.Capacity),
            [EvictionSignal.ImageFsInodesFree] = new(layers.InodesFree, layers.Inodes),
            [EvictionSignal.PidAvailable] = new(most - processes, most),
        };
    }

    private async Task ReclaimAsync(MetThreshold met, CancellationToken cancellationToken)
    {
        var signal = met.Threshold.Signal;
        if (EvictionSignal.Condition(signal) == "DiskPressure" && await images.FreeEverythingAsync(cancellationToken))
        {
            var after = (await AmountsAsync(cancellationToken))[signal];
            if (after.Available >= met.Threshold.Least(after.Capacity))
            {
                return;
            }
        }

        var snapshot = await usage.TakeAsync(cancellationToken);
        if (EvictionOrder.Rank(signal, snapshot.Pods) is not [var victim, ..])
        {
            LogNobody(services.Logger, signal);
            return;
        }

        var own = PodGrace.Of(victim.Pod);
        var grace = met.Threshold.Grace == TimeSpan.Zero ? AtOnce : own < options.EvictionMaxPodGrace ? own : options.EvictionMaxPodGrace;
        Evict(victim.Pod, EvictionMessages.NodeWasLow(met, victim), grace, signal);
    }

    private async Task KeepLimitsAsync(CancellationToken cancellationToken)
    {
        if (!workers.All.Any(worker => LocalStorageLimits.Any(worker.Pod.Spec)))
        {
            return;
        }

        foreach (var pod in (await usage.TakeAsync(cancellationToken)).Pods.Where(pod => LocalStorageLimits.Any(pod.Pod.Spec)))
        {
            if (LocalStorageLimits.Exceeded(pod) is { } message)
            {
                Evict(pod.Pod, message, AtOnce, "localStorage");
            }
        }
    }

    private void Evict(Pod pod, string message, TimeSpan grace, string signal)
    {
        if (workers.Find(pod.Metadata.Uid!) is not { } worker || !worker.Fail(new(EvictionMessages.Reason, message) { Grace = grace, Disruption = message }))
        {
            return;
        }

        leaving = worker;
        services.Metrics.Count("kubelet_evictions", ("eviction_signal", signal));
        services.Events.Warning(pod, null, EvictionMessages.Reason, message);
        LogEvicted(services.Logger, PodNames.Full(pod), message);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node's resources could not be looked at: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal} is low and there is no pod to evict")]
    private static partial void LogNobody(ILogger logger, string signal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} is evicted: {Reason}")]
    private static partial void LogEvicted(ILogger logger, string pod, string reason);
}
