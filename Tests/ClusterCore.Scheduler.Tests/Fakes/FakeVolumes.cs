using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

internal sealed class FakeVolumes : IVolumeCatalog
{
    public List<PersistentVolumeClaim> Claims { get; } = [];

    public List<PersistentVolume> AllVolumes { get; } = [];

    public List<StorageClass> Classes { get; } = [];

    public List<CSINode> CsiNodes { get; } = [];

    public List<CSIDriver> Drivers { get; } = [];

    public List<CSIStorageCapacity> StorageCapacities { get; } = [];

    public List<VolumeAttachment> Attachments { get; } = [];

    public List<string> Writes { get; } = [];

    public PersistentVolumeClaim? FindClaim(string ns, string name) => Claims.Find(one => one.Metadata.Namespace == ns && one.Metadata.Name == name);

    public PersistentVolume? FindVolume(string name) => AllVolumes.Find(one => one.Metadata.Name == name);

    public IReadOnlyCollection<PersistentVolume> Volumes() => AllVolumes;

    public StorageClass? FindClass(string name) => Classes.Find(one => one.Metadata.Name == name);

    public CSINode? FindCsiNode(string nodeName) => CsiNodes.Find(one => one.Metadata.Name == nodeName);

    public CSIDriver? FindDriver(string name) => Drivers.Find(one => one.Metadata.Name == name);

    public IReadOnlyCollection<CSIStorageCapacity> Capacities() => StorageCapacities;

    public IReadOnlyCollection<VolumeAttachment> AttachmentsOf(string nodeName) => Attachments.FindAll(one => one.Spec.NodeName == nodeName);

    public Task<PersistentVolumeClaim> SelectNodeAsync(PersistentVolumeClaim claim, string nodeName, CancellationToken cancellationToken)
    {
        Writes.Add($"{claim.Metadata.Name} is to be made on {nodeName}");
        return Task.FromResult(claim);
    }

    public Task ReserveAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        Writes.Add($"{volume.Metadata.Name} is kept for {claim.Metadata.Name}");
        return Task.CompletedTask;
    }

    public Task<string?> WaitBoundAsync(IReadOnlyList<PersistentVolumeClaim> claims, NodeInfo node, TimeSpan limit, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
