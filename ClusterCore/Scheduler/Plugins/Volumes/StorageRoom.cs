using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>Whether a driver that publishes its capacity has room for a claim's volume where the node is.</summary>
internal static class StorageRoom
{
    public static bool IsEnough(PersistentVolumeClaim claim, StorageClass storageClass, NodeInfo node, IVolumeCatalog catalog) =>
        catalog.FindDriver(storageClass.Provisioner)?.Spec?.StorageCapacity != true
        || catalog.Capacities().Any(one => one.StorageClassName == storageClass.Metadata.Name && Reaches(one, node) && Holds(one, claim));

    private static bool Reaches(CSIStorageCapacity capacity, NodeInfo node) =>
        capacity.NodeTopology is { } topology && SelectorParser.ToPodSelector(topology).Matches(node.Labels);

    private static bool Holds(CSIStorageCapacity capacity, PersistentVolumeClaim claim)
    {
        var wanted = Size((claim.Spec?.Resources?.Requests ?? ReadOnlyDictionary<string, string>.Empty).GetValueOrDefault("storage"));
        // The largest single volume says more than the sum of what is left.
        return Size(capacity.MaximumVolumeSize ?? capacity.Capacity) is { } room && (wanted ?? 0) <= room;
    }

    private static long? Size(string? text) => text is not null && Quantity.TryParse(text, out var size) ? size.Value : null;
}
