using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>A volume labelled with zones is used on nodes of these zones only.</summary>
internal sealed class VolumeZonePlugin(IVolumeCatalog catalog) : IPreFilterPlugin, IFilterPlugin
{
    private static readonly string[] Keys =
        [WellKnownLabels.Zone, WellKnownLabels.Region, "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"];

    private static readonly CycleSlot<ZoneLabels> Zones = new();

    private readonly Status conflict = Status.Unresolvable("VolumeZone", "node(s) had no available volume zone");

    public string Name => "VolumeZone";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.PersistentVolumeClaim, EventActions.Add | EventActions.Update),
        new(EventResource.PersistentVolume, EventActions.Add | EventActions.Update),
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeLabel),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (pod.Claims.Length == 0) { return PreFilterOutcome.Skipped; }
        var labels = pod.Claims
            .Select(claim => catalog.FindClaim(pod.Namespace, claim.Name)?.Spec?.VolumeName)
            .Select(name => string.IsNullOrEmpty(name) ? null : catalog.FindVolume(name)?.Metadata.Labels)
            .SelectMany(all => Keys.Where(key => all?.ContainsKey(key) == true).Select(key => (key, Values: all![key].Split("__"))))
            .ToList();
        if (labels.Count == 0) { return PreFilterOutcome.Skipped; }
        state.Set(Zones, new(labels));
        return PreFilterOutcome.Success;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        state.Get(Zones).Labels.TrueForAll(one => node.Labels.TryGetValue(one.Key, out var value) && one.Values.Contains(value)) ? null : conflict;

    private sealed record ZoneLabels(List<(string Key, string[] Values)> Labels) : ICycleData;
}
