using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>
/// A disk that a pod names itself has one writer on a node. A ReadWriteOncePod claim is for one pod of the cluster: while another
/// has it, no node will do.
/// </summary>
internal sealed class VolumeRestrictionsPlugin(IVolumeCatalog catalog) : IPreFilterPlugin, IFilterPlugin
{
    private static readonly CycleSlot<ExclusiveClaims> Exclusive = new();

    private readonly Status diskTaken = Status.Unschedulable("VolumeRestrictions", "node(s) had no available disk");
    private readonly Status inUse = Status.Unschedulable(
        "VolumeRestrictions", "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");

    public string Name => "VolumeRestrictions";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.AssignedPod, EventActions.Delete, static (pod, change) => change.OldPod is { } gone
            && ((gone.Namespace == pod.Namespace && gone.Claims.Intersect(pod.Claims).Any()) || Conflict(pod, gone))),
        new(EventResource.PersistentVolumeClaim, EventActions.Add | EventActions.Update, ClaimFacts.HasClaim),
        new(EventResource.Node, EventActions.Add),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        var names = Array.FindAll(pod.Claims, claim => catalog.FindClaim(pod.Namespace, claim.Name)?.Spec?.AccessModes?.Contains("ReadWriteOncePod") == true);
        if (names.Length == 0 && pod.Disks.Length == 0) { return PreFilterOutcome.Skipped; }
        state.Set(Exclusive, new(names, names.Sum(claim => cluster.Claims.Users(pod.Namespace, claim.Name))));
        return PreFilterOutcome.Success;
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) => state.Find(Exclusive)?.Change(pod, added, 1);

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) => state.Find(Exclusive)?.Change(pod, removed, -1);

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (pod.Disks.Length > 0 && node.Pods.Exists(other => Conflict(pod, other))) { return diskTaken; }
        return state.Get(Exclusive).Users > 0 ? inUse : null;
    }

    private static bool Conflict(PodInfo pod, PodInfo other) =>
        Array.Exists(pod.Disks, disk => Array.Exists(other.Disks, disk.Conflicts));

    private sealed class ExclusiveClaims(PodClaim[] claims, int users) : ICycleData
    {
        public int Users { get; private set; } = users;

        public void Change(PodInfo pod, PodInfo other, int sign)
        {
            if (other.Namespace == pod.Namespace) { Users += sign * claims.Count(claim => other.Claims.Any(one => one.Name == claim.Name)); }
        }

        public ICycleData Clone() => new ExclusiveClaims(claims, Users);
    }
}
