using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Shutdown;

/// <summary>
/// Ends the node's pods in their order because the machine goes down: ordinary ones first, critical ones last, or by the priorities
/// that the options name; each group within its own part of the time there is. This is not how the agent itself ends: without a machine that goes down nothing is stopped,
/// and the next agent adopts what runs.
/// </summary>
internal sealed partial class NodeShutdown(KubeletOptions options, PodWorkers workers, PodServices services, NodeEvents events)
{
    public const string NotReady = "node is shutting down";
    private const string Terminated = "Pod was terminated in response to imminent node shutdown.";
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly (int Priority, TimeSpan Grace)[] groups = options.ShutdownGraceByPriority is { Count: > 0 } own
        ? [.. own.OrderBy(group => group.Priority)]
        : [(0, options.ShutdownGrace - options.ShutdownGraceCriticalPods), (PodImportance.CriticalPriority, options.ShutdownGraceCriticalPods)];

    private volatile bool underway;

    public bool Underway => underway;

    public PodRefusal? Refuse() => underway ? new("NodeShutdown", "Pod was rejected as the node is shutting down.") : null;

    /// <summary>Returns when every pod has ended, or has had its time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        underway = true;
        var all = groups.Aggregate(TimeSpan.Zero, (sum, group) => sum + group.Grace);
        LogBegins(services.Logger, all);
        events.Normal("Shutdown", "Shutdown manager detected shutdown event");
        foreach (var (priority, grace) in groups)
        {
            await EndAsync([.. workers.All.Where(worker => GroupOf(worker.Pod) == priority)], grace, cancellationToken);
        }

        using var limit = new CancellationTokenSource(LastWords, services.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await Task.WhenAll(workers.All.Select(worker => TellAsync(worker, either.Token))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellAsync(PodWorker worker, CancellationToken cancellationToken)
    {
        await worker.WhenEndedAsync().WaitAsync(cancellationToken);
        await services.Statuses.FlushAsync(worker.Pod.Metadata.Uid!, cancellationToken);
    }

    /// <summary>Who is below all groups is of the first.</summary>
    private int GroupOf(Pod pod)
    {
        var priority = PodImportance.IsCritical(pod) ? Math.Max(pod.Spec.Priority ?? 0, PodImportance.CriticalPriority) : pod.Spec.Priority ?? 0;
        return groups.Select(group => group.Priority).Where(group => group <= priority).DefaultIfEmpty(groups[0].Priority).Max();
    }

    private async Task EndAsync(IReadOnlyList<PodWorker> group, TimeSpan time, CancellationToken cancellationToken)
    {
        foreach (var worker in group)
        {
            var own = PodGrace.Of(worker.Pod);
            worker.Fail(new("Terminated", Terminated) { Grace = own < time ? own : time, Disruption = Terminated });
        }

        await Task.WhenAll(group.Select(worker => worker.WhenEndedAsync())).WaitAsync(time, services.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The machine goes down: pods have {Time} to end")]
    private static partial void LogBegins(ILogger logger, TimeSpan time);
}
