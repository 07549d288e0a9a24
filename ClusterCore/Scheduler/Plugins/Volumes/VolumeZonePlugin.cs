using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>A volume labelled with zones is used on nodes of these zones only, and on those that tell of no zone.</summary>
internal sealed class VolumeZonePlugin(IVolumeCatalog catalog) : IPreFilterPlugin, IFilterPlugin
{
    // Old volumes have the old labels; their nodes may have the new ones.
    private static readonly (string Key, string? Newer)[] Keys =
    [
        (WellKnownLabels.Zone, null),
        (WellKnownLabels.Region, null),
        ("failure-domain.beta.kubernetes.io/zone", WellKnownLabels.Zone),
        ("failure-domain.beta.kubernetes.io/region", WellKnownLabels.Region),
    ];

    private static readonly CycleSlot<ZoneLabels> Zones = new();

    private readonly Status conflict = Status.Unresolvable("VolumeZone", "node(s) had no available volume zone");

    public string Name => "VolumeZone";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.PersistentVolumeClaim, EventActions.Add | EventActions.Update, ClaimFacts.HasClaim),
        new(EventResource.PersistentVolume, EventActions.Add | EventActions.Update),
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeLabel),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        var labels = new List<ZoneLabel>();
        foreach (var claim in pod.Claims)
        {
            // One that is yet to be bound is VolumeBinding's.
            if (catalog.FindClaim(pod.Namespace, claim.Name)?.Spec?.VolumeName is not { Length: > 0 } name) { continue; }
            if (catalog.FindVolume(name) is not { } volume) { return new(Status.Unresolvable(Name, $"persistentvolume \"{name}\" not found")); }
            if (volume.Metadata.Labels is { } found)
            {
                labels.AddRange(Keys.Where(one => found.ContainsKey(one.Key)).Select(one => new ZoneLabel(one.Key, one.Newer, found[one.Key].Split("__"))));
            }
        }
        if (labels.Count == 0) { return PreFilterOutcome.Skipped; }
        state.Set(Zones, new(labels));
        return PreFilterOutcome.Success;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        !Array.Exists(Keys, one => node.Labels.ContainsKey(one.Key)) || state.Get(Zones).Labels.TrueForAll(one => one.IsOf(node)) ? null : conflict;

    private sealed record ZoneLabels(List<ZoneLabel> Labels) : ICycleData;

    private sealed record ZoneLabel(string Key, string? Newer, string[] Values)
    {
        public bool IsOf(NodeInfo node) =>
            (node.Labels.TryGetValue(Key, out var value) || (Newer is not null && node.Labels.TryGetValue(Newer, out value))) && Values.Contains(value);
    }
}
