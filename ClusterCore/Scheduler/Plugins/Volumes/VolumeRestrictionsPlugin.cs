using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>A ReadWriteOncePod claim is for one pod of the cluster.</summary>
internal sealed class VolumeRestrictionsPlugin(IVolumeCatalog catalog) : IPreFilterPlugin, IFilterPlugin
{
    private static readonly CycleSlot<ExclusiveClaims> Exclusive = new();

    private readonly Status inUse = Status.Unschedulable(
        "VolumeRestrictions", "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");

    public string Name => "VolumeRestrictions";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.AssignedPod, EventActions.Delete, static (pod, change) =>
            change.OldPod is { } gone && gone.Namespace == pod.Namespace && gone.Claims.Intersect(pod.Claims).Any()),
        new(EventResource.PersistentVolumeClaim, EventActions.Add | EventActions.Update),
        new(EventResource.Node, EventActions.Add),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (pod.Claims.Length == 0) { return PreFilterOutcome.Skipped; }
        var names = pod.Claims.Select(claim => claim.Name)
            .Where(name => catalog.FindClaim(pod.Namespace, name)?.Spec?.AccessModes?.Contains("ReadWriteOncePod") == true)
            .ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0) { return PreFilterOutcome.Skipped; }
        state.Set(Exclusive, new(names));
        return PreFilterOutcome.Success;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var names = state.Get(Exclusive).Names;
        foreach (var other in node.Pods)
        {
            if (other.Namespace == pod.Namespace && other.Claims.Any(claim => names.Contains(claim.Name))) { return inUse; }
        }
        return null;
    }

    private sealed record ExclusiveClaims(HashSet<string> Names) : ICycleData;
}
