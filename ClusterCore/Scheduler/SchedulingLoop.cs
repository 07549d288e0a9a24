using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>One profile, ready to run.</summary>
internal sealed record SchedulingProfile(Profile Plugins, SchedulingAlgorithm Algorithm);

/// <summary>
/// Takes pods from the queue one by one, finds each a node, assumes it there and hands the binding to the write queue.
/// <code>
/// informers ──▶ inbox ──▶ [ queue ──pop──▶ schedule ──▶ assume ] ──▶ write queue ──▶ API
///                  ▲                                                      │ failed: forget, try again
///                  └──────────────────────────────────────────────────────┘
/// </code>
/// </summary>
internal sealed partial class SchedulingLoop(
    IReadOnlyDictionary<string, SchedulingProfile> profiles,
    ClusterState state, SchedulingQueue queue, SchedulerInbox inbox, WriteQueue writes, IPodWriter writer, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan FlushPeriod = TimeSpan.FromSeconds(30);
    private static readonly HashSet<string> NoPlugins = [];

    private DateTimeOffset nextFlush;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            inbox.Drain();
            FlushWhenDue();
            if (queue.Pop() is { } queued) { await TryScheduleAsync(queued, cancellationToken); }
            else { await inbox.WaitAsync(IdleFor(), clock, cancellationToken); }
        }
    }

    private async Task TryScheduleAsync(QueuedPod queued, CancellationToken cancellationToken)
    {
        try
        {
            await ScheduleAsync(queued, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A bug met by one pod must not keep the others from their nodes.
            LogFailed(logger, queued.Pod, exception);
            queue.Return(queued, NoPlugins);
        }
    }

    internal async Task ScheduleAsync(QueuedPod queued, CancellationToken cancellationToken)
    {
        var pod = queued.Pod;
        var profile = profiles[pod.SchedulerName];
        state.Refresh();
        var cycle = new CycleState();
        var result = profile.Algorithm.Schedule(cycle, pod, state.Snapshot);
        if (result.Node is { } node) { await ReserveAsync(queued, profile, cycle, node, cancellationToken); }
        else if (result.Error is { } error) { await FailAsync(queued, error.Message, NoPlugins, "", cancellationToken); }
        else if (result.Diagnosis is { } diagnosis) { await PreemptAsync(queued, profile, cycle, diagnosis, cancellationToken); }
        else { await FailAsync(queued, "no nodes available to schedule pods", EveryPlugin(profile), "", cancellationToken); }
    }

    private async Task ReserveAsync(QueuedPod queued, SchedulingProfile profile, CycleState cycle, NodeInfo node, CancellationToken cancellationToken)
    {
        var pod = queued.Pod;
        var permits = new PermitWaits(clock);
        state.Assume(pod, node);
        var refusal = Reserve(profile, cycle, pod, node) ?? permits.Ask(profile.Plugins.Permits, cycle, pod, node.Name, cancellationToken);
        if (refusal is not null)
        {
            Forget(pod, profile, cycle, node.Name);
            await FailAsync(queued, refusal.MessageFor(node.Name), RejectedBy(refusal), "", cancellationToken);
            return;
        }
        state.Snapshot.Nominations.Remove(pod.Uid);
        var binding = new PodBinding(pod, node.Name, profile.Plugins, cycle, permits, writer);
        async Task BindAsync(CancellationToken withdrawn, CancellationToken token) =>
            Finish(queued, profile, cycle, node.Name, binding.Waits, await binding.RunAsync(withdrawn, token), token);
        if (binding.Waits)
        {
            queued.Waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var withdrawn = queued.Waiting.Token;
            writes.Begin(token => BindAsync(withdrawn, token), cancellationToken);
        }
        else { await writes.AddAsync(token => BindAsync(token, token), cancellationToken); }
    }

    private static Status? Reserve(SchedulingProfile profile, CycleState cycle, PodInfo pod, NodeInfo node)
    {
        foreach (var plugin in profile.Plugins.Reserves)
        {
            if (plugin.Reserve(cycle, pod, node) is { } status) { return status.At("Reserve"); }
        }
        return null;
    }

    // Runs on a writer's thread; what it decides happens on the loop's.
    private void Finish(
        QueuedPod queued, SchedulingProfile profile, CycleState cycle, string nodeName, bool nominated, Status? failure, CancellationToken cancellationToken) => inbox.Post(() =>
    {
        queued.Waiting?.Dispose();
        queued.Waiting = null;
        var preemptor = queued.PreemptedBy;
        queued.PreemptedBy = null;
        if (failure is null)
        {
            queue.Remove(queued.Pod.Uid);
            // The binding was on its way already.
            if (preemptor is not null) { writes.Begin(token => writer.PreemptAsync(queued.Pod, preemptor, nodeName, token), cancellationToken); }
            return;
        }
        if (preemptor is not null) { failure = Status.Unschedulable("DefaultPreemption", "preempted"); }
        LogBindingFailed(logger, queued.Pod, nodeName, failure.Message);
        var assumed = state.IsAssumed(queued.Pod.Uid);
        Forget(queued.Pod, profile, cycle, nodeName);
        if (!assumed) { return; }
        var rejectedBy = RejectedBy(failure);
        // There is no event that would help who was preempted: it is tried again after a while.
        if (preemptor is not null) { queued.EventsSeen = -1; }
        queue.Return(queued, rejectedBy);
        // What it was told is taken back, whether the informer has shown it yet or not.
        var pod = nominated ? queued.Pod.NominatedTo(nodeName) : queued.Pod;
        writes.Begin(Fail(pod, failure.MessageFor(nodeName), rejectedBy, ""), cancellationToken);
        queue.Notify(new(EventResource.AssignedPod, EventActions.Delete) { OldPod = queued.Pod });
    });

    private void Forget(PodInfo pod, SchedulingProfile profile, CycleState cycle, string nodeName)
    {
        foreach (var plugin in profile.Plugins.Reserves.Reverse()) { plugin.Unreserve(cycle, pod, nodeName); }
        if (state.IsAssumed(pod.Uid)) { state.RemovePod(pod.Uid); }
    }

    private async Task PreemptAsync(
        QueuedPod queued, SchedulingProfile profile, CycleState cycle, Diagnosis diagnosis, CancellationToken cancellationToken)
    {
        var pod = queued.Pod;
        var outcome = profile.Algorithm.RunPostFilters(cycle, pod, diagnosis, state.Snapshot);
        diagnosis.PostFilterMessage = outcome.Message;
        if (outcome.NominatedNode is { Length: > 0 } nodeName)
        {
            foreach (var lesser in state.Snapshot.Nominations.TakeOver(pod, nodeName))
            {
                await writes.AddAsync(token => writer.ClearNominationAsync(lesser, token), cancellationToken);
            }
            foreach (var victim in outcome.Victims ?? [])
            {
                // One that is not bound yet gives its place back, and lives.
                if (queue.Find(victim.Uid) is { Waiting: { } waiting } unbound)
                {
                    unbound.PreemptedBy = pod;
                    _ = waiting.CancelAsync();
                    continue;
                }
                await writes.AddAsync(token => writer.PreemptAsync(victim, pod, nodeName, token), cancellationToken);
            }
        }
        await FailAsync(queued, diagnosis.Message(), diagnosis.UnschedulablePlugins, outcome.NominatedNode, cancellationToken);
    }

    /// <param name="rejectedBy">Empty: an error, tried again after a while whatever happens.</param>
    /// <param name="nominatedNode">As of <see cref="IPodWriter.SetUnschedulableAsync"/>.</param>
    private async Task FailAsync(
        QueuedPod queued, string message, IReadOnlySet<string> rejectedBy, string? nominatedNode, CancellationToken cancellationToken)
    {
        if (nominatedNode is "") { state.Snapshot.Nominations.Remove(queued.Pod.Uid); }
        queue.Return(queued, rejectedBy);
        await writes.AddAsync(Fail(queued.Pod, message, rejectedBy, nominatedNode), cancellationToken);
    }

    /// <returns>The write of the pod's condition.</returns>
    private Func<CancellationToken, Task> Fail(PodInfo pod, string message, IReadOnlySet<string> rejectedBy, string? nominatedNode)
    {
        var reason = rejectedBy.Count == 0 ? "SchedulerError" : "Unschedulable";
        writer.RecordFailed(pod, message);
        return token => writer.SetUnschedulableAsync(pod, reason, message, nominatedNode, token);
    }

    private static HashSet<string> RejectedBy(Status failure) => failure.Rejects ? [failure.Plugin] : NoPlugins;

    // With no node at all every plugin would say no, and any node may help.
    private static HashSet<string> EveryPlugin(SchedulingProfile profile) => [.. profile.Plugins.Filters.Select(plugin => plugin.Name)];

    private void FlushWhenDue()
    {
        var now = clock.GetUtcNow();
        if (now < nextFlush) { return; }
        nextFlush = now + FlushPeriod;
        queue.FlushUnschedulable();
    }

    private TimeSpan IdleFor()
    {
        var due = queue.NextDue is { } next && next < nextFlush ? next : nextFlush;
        var wait = due - clock.GetUtcNow();
        return wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Scheduling {Pod} failed")]
    private static partial void LogFailed(ILogger logger, PodInfo pod, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Binding {Pod} to {Node} failed: {Reason}")]
    private static partial void LogBindingFailed(ILogger logger, PodInfo pod, string node, string reason);
}
