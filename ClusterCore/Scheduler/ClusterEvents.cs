using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>What a changed object means for pods that wait: pure comparisons of before and after.</summary>
internal static class ClusterEvents
{
    public static EventActions OfNode(Node? old, Node node)
    {
        if (old is null) { return EventActions.Add; }
        var actions = default(EventActions);
        if (old.Spec?.Unschedulable == true && node.Spec?.Unschedulable != true) { actions |= EventActions.UpdateNodeUnschedulable; }
        if (!SameTaints(old, node)) { actions |= EventActions.UpdateNodeTaint; }
        if (!Same(old.Metadata.Labels, node.Metadata.Labels)) { actions |= EventActions.UpdateNodeLabel; }
        if (Grew(old.Status?.Allocatable, node.Status?.Allocatable)) { actions |= EventActions.UpdateNodeAllocatable; }
        return actions;
    }

    public static EventActions OfPod(PodInfo old, PodInfo pod)
    {
        var actions = default(EventActions);
        if (!Same(old.Labels, pod.Labels)) { actions |= EventActions.UpdatePodLabel; }
        if (Less(pod.Requests, old.Requests)) { actions |= EventActions.UpdatePodScaleDown; }
        if (!old.Tolerations.AsSpan().SequenceEqual(pod.Tolerations)) { actions |= EventActions.UpdatePodTolerations; }
        if (old.SchedulingGates.Length > 0 && pod.SchedulingGates.Length == 0) { actions |= EventActions.UpdatePodSchedulingGates; }
        return actions;
    }

    /// <summary>Whether anything the scheduler accounts for a placed pod is different.</summary>
    public static bool SamePlacement(PodInfo old, PodInfo pod) =>
        old.NodeName == pod.NodeName && old.Terminating == pod.Terminating
        && old.Generation == pod.Generation && pod.Generation > 0
        && old.Requests.IsSame(pod.Requests) && Same(old.Labels, pod.Labels);

    private static bool SameTaints(Node old, Node node) =>
        (old.Spec?.Taints ?? []).AsSpan().SequenceEqual(node.Spec?.Taints ?? []);

    // A node that can take less helps nobody.
    private static bool Grew(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string>? now)
    {
        if (now is null || Same(old, now)) { return false; }
        var (before, after) = (ResourceParser.Parse(old ?? ReadOnlyDictionary<string, string>.Empty), ResourceParser.Parse(now));
        return now.Keys.Any(name => after[name] > before[name]);
    }

    private static bool Less(ResourceAmounts now, ResourceAmounts before) =>
        now.MilliCpu < before.MilliCpu || now.Memory < before.Memory || now.EphemeralStorage < before.EphemeralStorage
        || before.Scalars?.Any(one => now[one.Key] < one.Value) == true;

    private static bool Same(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string>? now)
    {
        if ((old?.Count ?? 0) != (now?.Count ?? 0)) { return false; }
        if (old is null || now is null) { return true; }
        foreach (var (key, value) in old)
        {
            if (!now.TryGetValue(key, out var other) || other != value) { return false; }
        }
        return true;
    }
}
