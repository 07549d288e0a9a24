using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

namespace Flotilla.ClusterCore.Scheduler.Sources;

internal sealed class VolumeCatalog : IVolumeCatalog
{
    private const string ByNode = "node";

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(100);

    private readonly ApiClient client;
    private readonly Informer<PersistentVolumeClaim> claims;
    private readonly Informer<PersistentVolume> volumes;
    private readonly Informer<StorageClass> classes;
    private readonly Informer<CSINode> csiNodes;
    private readonly Informer<CSIDriver> drivers;
    private readonly Informer<CSIStorageCapacity> capacities;
    private readonly Informer<VolumeAttachment> attachments;
    private readonly TimeProvider clock;

    public VolumeCatalog(
        ApiClient client, Informer<PersistentVolumeClaim> claims, Informer<PersistentVolume> volumes, Informer<StorageClass> classes, Informer<CSINode> csiNodes,
        Informer<CSIDriver> drivers, Informer<CSIStorageCapacity> capacities, Informer<VolumeAttachment> attachments, TimeProvider clock)
    {
        (this.client, this.clock) = (client, clock);
        (this.claims, this.volumes, this.classes) = (claims, volumes, classes);
        (this.csiNodes, this.drivers, this.capacities, this.attachments) = (csiNodes, drivers, capacities, attachments);
        attachments.Objects.AddIndex(ByNode, one => [one.Spec.NodeName]);
    }

    public PersistentVolumeClaim? FindClaim(string ns, string name) => claims.Find(ns, name);

    public PersistentVolume? FindVolume(string name) => volumes.Find(null, name);

    public IReadOnlyCollection<PersistentVolume> Volumes() => volumes.List();

    public StorageClass? FindClass(string name) => classes.Find(null, name);

    public CSINode? FindCsiNode(string nodeName) => csiNodes.Find(null, nodeName);

    public CSIDriver? FindDriver(string name) => drivers.Find(null, name);

    public IReadOnlyCollection<CSIStorageCapacity> Capacities() => capacities.List();

    public IReadOnlyCollection<VolumeAttachment> AttachmentsOf(string nodeName) => attachments.Objects.ByIndex(ByNode, nodeName);

    public async Task<PersistentVolumeClaim> SelectNodeAsync(PersistentVolumeClaim claim, string nodeName, CancellationToken cancellationToken)
    {
        var annotations = new JsonObject { [VolumeBindingPlugin.SelectedNode] = nodeName };
        var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } });
        return (await client.PatchAsync(Kinds.PersistentVolumeClaims, claim.Metadata.Namespace, claim.Metadata.Name, patch, cancellationToken)).OrThrow();
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

    public async Task<string?> WaitBoundAsync(
        IReadOnlyList<PersistentVolumeClaim> wanted, NodeInfo node, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        do
        {
            if (node.Node is null) { return $"failed to get node \"{node.Name}\": node \"{node.Name}\" not found"; }
            var bound = 0;
            foreach (var written in wanted)
            {
                if (claims.Find(written.Key) is not { } claim) { return $"persistentvolumeclaim \"{written.Metadata.Name}\" not found"; }
                if (VersionOf(claim) < VersionOf(written)) { continue; }
                // The provisioner took the node back: it could not make the volume there, and another node may do.
                if (IsSelected(written, node) && !IsSelected(claim, node) && !claim.IsBound()) { return $"provisioning failed for PVC \"{claim.Metadata.Name}\""; }
                if (claim.Spec?.VolumeName is not { Length: > 0 } name || volumes.Find(null, name) is not { } volume) { continue; }
                if (!VolumeBindingPlugin.Reaches(volume, node)) { return $"pv \"{name}\" node affinity doesn't match node \"{node.Name}\": no matching NodeSelectorTerms"; }
                bound += claim.IsBound() && VolumeMatch.IsFor(volume, claim) ? 1 : 0;
            }
            if (bound == wanted.Count) { return null; }
            await Task.Delay(PollPeriod, clock, cancellationToken);
        }
        while (clock.GetElapsedTime(start) < limit);
        return "context deadline exceeded";
    }

    private static bool IsSelected(PersistentVolumeClaim claim, NodeInfo node) =>
        claim.Metadata.Annotations?.GetValueOrDefault(VolumeBindingPlugin.SelectedNode) == node.Name;

    private static ulong VersionOf(PersistentVolumeClaim claim) => ulong.TryParse(claim.Metadata.ResourceVersion, out var version) ? version : 0;
}
