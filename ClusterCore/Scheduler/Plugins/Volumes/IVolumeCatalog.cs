using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>The storage objects the volume plugins look at, and the two writes that prepare a claim for its node.</summary>
internal interface IVolumeCatalog
{
    PersistentVolumeClaim? FindClaim(string ns, string name);

    PersistentVolume? FindVolume(string name);

    IReadOnlyCollection<PersistentVolume> Volumes();

    StorageClass? FindClass(string name);

    CSINode? FindCsiNode(string nodeName);

    CSIDriver? FindDriver(string name);

    IReadOnlyCollection<CSIStorageCapacity> Capacities();

    IReadOnlyCollection<VolumeAttachment> AttachmentsOf(string nodeName);

    /// <summary>Tells the provisioner on which node the claim's first consumer will run.</summary>
    /// <returns>The claim as it was written.</returns>
    Task<PersistentVolumeClaim> SelectNodeAsync(PersistentVolumeClaim claim, string nodeName, CancellationToken cancellationToken);

    /// <summary>Keeps a volume for a claim; the volume controller completes the binding.</summary>
    Task ReserveAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken);

    /// <param name="claims">As they were written: an older state of them says nothing yet.</param>
    /// <returns>Null when the claims are bound to volumes that the node reaches, else why they are not.</returns>
    Task<string?> WaitBoundAsync(IReadOnlyList<PersistentVolumeClaim> claims, NodeInfo node, TimeSpan limit, CancellationToken cancellationToken);
}
