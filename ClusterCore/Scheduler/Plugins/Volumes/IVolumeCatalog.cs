using Flotilla.ClusterCore.Client.Objects;

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

    /// <summary>Tells the provisioner on which node the claim's first consumer will run.</summary>
    Task SelectNodeAsync(PersistentVolumeClaim claim, string nodeName, CancellationToken cancellationToken);

    /// <summary>Keeps a volume for a claim; the volume controller completes the binding.</summary>
    Task ReserveAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken);

    /// <returns>Null when the claims are bound, else why they are not.</returns>
    Task<string?> WaitBoundAsync(IReadOnlyList<PersistentVolumeClaim> claims, TimeSpan limit, CancellationToken cancellationToken);
}
