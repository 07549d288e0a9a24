using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

namespace Flotilla.ClusterCore.Scheduler.Sources;

internal sealed class VolumeCatalog(
    ApiClient client, Informer<PersistentVolumeClaim> claims, Informer<PersistentVolume> volumes,
    Informer<StorageClass> classes, Informer<CSINode> csiNodes, Informer<CSIDriver> drivers, Informer<CSIStorageCapacity> capacities, TimeProvider clock) : IVolumeCatalog
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(100);

    public PersistentVolumeClaim? FindClaim(string ns, string name) => claims.Find(ns, name);

    public PersistentVolume? FindVolume(string name) => volumes.Find(null, name);

    public IReadOnlyCollection<PersistentVolume> Volumes() => volumes.List();

    public StorageClass? FindClass(string name) => classes.Find(null, name);

    public CSINode? FindCsiNode(string nodeName) => csiNodes.Find(null, nodeName);

    public CSIDriver? FindDriver(string name) => drivers.Find(null, name);

    public IReadOnlyCollection<CSIStorageCapacity> Capacities() => capacities.List();

    public async Task SelectNodeAsync(PersistentVolumeClaim claim, string nodeName, CancellationToken cancellationToken)
    {
        var annotations = new JsonObject { ["volume.kubernetes.io/selected-node"] = nodeName };
        var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } });
        (await client.PatchAsync(Kinds.PersistentVolumeClaims, claim.Metadata.Namespace, claim.Metadata.Name, patch, cancellationToken)).OrThrow();
    }

    public async Task ReserveAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var reference = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolumeClaim",
            ["namespace"] = claim.Metadata.Namespace,
            ["name"] = claim.Metadata.Name,
            ["uid"] = claim.Metadata.Uid,
        };
        var patch = Patch.Merge(new JsonObject
        {
            // Without the version two claims could be promised one volume.
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = volume.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { ["pv.kubernetes.io/bound-by-controller"] = "yes" },
            },
            ["spec"] = new JsonObject { ["claimRef"] = reference },
        });
        (await client.PatchAsync(Kinds.PersistentVolumes, null, volume.Metadata.Name, patch, cancellationToken)).OrThrow();
    }

    public async Task<bool> WaitBoundAsync(IReadOnlyList<PersistentVolumeClaim> wanted, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < limit)
        {
            if (wanted.All(claim => claims.Find(claim.Key)?.IsBound() == true)) { return true; }
            await Task.Delay(PollPeriod, clock, cancellationToken);
        }
        return false;
    }
}
