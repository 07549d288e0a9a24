using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Framework;

internal enum EventResource
{
    /// <summary>A pod that is on a node.</summary>
    AssignedPod,
    /// <summary>A pod that waits for a node.</summary>
    UnscheduledPod,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    CsiNode,
    CsiDriver,
    CsiStorageCapacity,
    VolumeAttachment,
    Namespace,
}

[Flags]
internal enum EventActions
{
    Add = 1,
    Delete = 2,
    UpdateNodeAllocatable = 4,
    UpdateNodeLabel = 8,
    UpdateNodeTaint = 16,
    UpdateNodeUnschedulable = 32,
    UpdatePodLabel = 64,
    UpdatePodScaleDown = 128,
    UpdatePodTolerations = 256,
    UpdatePodSchedulingGates = 512,
    Update = 1024,
    UpdateNode = UpdateNodeAllocatable | UpdateNodeLabel | UpdateNodeTaint | UpdateNodeUnschedulable,
    All = 2047,
}

/// <summary>Something changed in the cluster. The objects are those the event is about: which is set depends on the resource.</summary>
internal sealed record ClusterEvent(EventResource Resource, EventActions Action)
{
    public PodInfo? OldPod { get; init; }

    public PodInfo? Pod { get; init; }

    public NodeInfo? Node { get; init; }

    /// <summary>An object of another kind; of one deleted the last state.</summary>
    public KubernetesObject? Object { get; init; }

    public override string ToString() => $"{Resource}{Action}";
}

/// <param name="Helps">The queueing hint: may this event make the pod schedulable? Null: always.</param>
internal sealed record EventRegistration(
    EventResource Resource, EventActions Actions, Func<PodInfo, ClusterEvent, bool>? Helps = null)
{
    public bool Covers(ClusterEvent change) => change.Resource == Resource && (change.Action & Actions) != 0;
}
