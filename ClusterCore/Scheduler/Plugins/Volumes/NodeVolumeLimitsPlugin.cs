using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>A node takes only so many volumes of a CSI driver.</summary>
internal sealed class NodeVolumeLimitsPlugin(IVolumeCatalog catalog) : IPreFilterPlugin, IFilterPlugin
{
    private readonly Status exceeded = Status.Unschedulable("NodeVolumeLimits", "node(s) exceed max volume count");

    public string Name => "NodeVolumeLimits";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.CsiNode, EventActions.Add | EventActions.Update),
        new(EventResource.AssignedPod, EventActions.Delete, static (_, change) => change.OldPod is { } gone && gone.Claims.Length > 0),
        new(EventResource.VolumeAttachment, EventActions.Delete),
        new(EventResource.PersistentVolumeClaim, EventActions.Add | EventActions.Update, ClaimFacts.HasClaim),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster) => new(Skip: pod.Claims.Length == 0);

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var drivers = catalog.FindCsiNode(node.Name)?.Spec?.Drivers;
        if (drivers is null || !Array.Exists(drivers, driver => driver.Allocatable?.Count is not null)) { return null; }
        var used = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var other in node.Pods) { AddVolumes(other, used); }
        AddAttached(node, used);
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        AddVolumes(pod, wanted);
        foreach (var driver in drivers)
        {
            if (driver.Allocatable?.Count is not { } limit) { continue; }
            var more = wanted.Count(one => one.Value == driver.Name && !used.ContainsKey(one.Key));
            if (more > 0 && used.Count(one => one.Value == driver.Name) + more > limit) { return exceeded; }
        }
        return null;
    }

    // A volume stays attached for a while after its last pod, and may be attached for none.
    private void AddAttached(NodeInfo node, Dictionary<string, string> volumes)
    {
        foreach (var attachment in catalog.AttachmentsOf(node.Name))
        {
            if (attachment.Spec.Source?.PersistentVolumeName is not { } name || catalog.FindVolume(name)?.Spec?.Csi is not { } csi) { continue; }
            volumes[$"{attachment.Spec.Attacher}/{csi.VolumeHandle}"] = attachment.Spec.Attacher;
        }
    }

    // Volume to driver: a volume that two pods share is attached once.
    private void AddVolumes(PodInfo pod, Dictionary<string, string> volumes)
    {
        foreach (var (name, _) in pod.Claims)
        {
            if (catalog.FindClaim(pod.Namespace, name) is not { } claim) { continue; }
            if (claim.Spec?.VolumeName is { Length: > 0 } volumeName)
            {
                if (catalog.FindVolume(volumeName)?.Spec?.Csi is { } csi) { volumes[$"{csi.Driver}/{csi.VolumeHandle}"] = csi.Driver; }
            }
            else if (catalog.FindClass(claim.Spec?.StorageClassName ?? "") is { Provisioner.Length: > 0 } storageClass)
            {
                volumes[$"{pod.Namespace}/{name}"] = storageClass.Provisioner;
            }
        }
    }
}
