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
        var annotations = new JsonObject { [VolumeBindingPlugin.SelectedNode] = nodeName };
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

    public async Task<string?> WaitBoundAsync(IReadOnlyList<PersistentVolumeClaim> wanted, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var selected = new HashSet<NamespacedName>();
        while (clock.GetElapsedTime(start) < limit)
        {
            var present = wanted.Select(claim => (claim.Key, Claim: claims.Find(claim.Key))).ToArray();
            if (present.All(one => one.Claim?.IsBound() == true)) { return null; }
            foreach (var (key, claim) in present)
            {
                if (claim is null) { return $"persistentvolumeclaim \"{key.Name}\" not found"; }
                if (claim.Metadata.Annotations?.ContainsKey(VolumeBindingPlugin.SelectedNode) == true) { selected.Add(key); }
                // The provisioner took the node back: it could not make the volume there, and another node may do.
                else if (selected.Contains(key) && !claim.IsBound()) { return $"provisioning failed for PVC \"{key.Name}\""; }
            }
            await Task.Delay(PollPeriod, clock, cancellationToken);
        }
        return "timed out waiting for the condition";
    }
}
