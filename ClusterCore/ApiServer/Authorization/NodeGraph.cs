using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>What the pods of a node lead to: node ← pod ← claim ← volume ← secret, and the like.</summary>
internal sealed class NodeGraph(WatchFeed feed)
{
    private static readonly GroupResource pods = new("", "pods");
    private static readonly GroupResource volumes = new("", "persistentvolumes");
    private static readonly GroupResource attachments = new("storage.k8s.io", "volumeattachments");
    private static readonly GroupResource slices = new("resource.k8s.io", "resourceslices");
    private static readonly string[] secretReferences = ["nodeStageSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"];

    public bool HasPod(string node, string @namespace, string name) => feed.Of(pods).Find(@namespace, name)?.Index.Field("spec.nodeName") == node;

    public bool HasPodThat(string node, string @namespace, Func<JsonObject, bool> uses) =>
        feed.Of(pods).List(@namespace).Entries.Any(pod => pod.Index.Field("spec.nodeName") == node && uses(pod.Parse()));

    public bool UsesSecret(string node, string @namespace, string name) =>
        HasPodThat(node, @namespace, pod => PodReferences.UsesSecret(pod, name))
        || feed.Of(volumes).List("").Entries.Any(entry => MountsWith(entry.Parse(), @namespace, name) && UsesVolume(node, entry.Name));

    public bool UsesVolume(string node, string name) =>
        feed.Of(volumes).Find("", name)?.Parse().Spec()?.Object("claimRef") is { } claim
        && HasPodThat(node, claim.Text("namespace") ?? "", pod => PodReferences.UsesClaim(pod, claim.Text("name") ?? ""));

    /// <summary>A node may learn that a volume whose directory it has made is not used any more, or is gone.</summary>
    public bool MayHaveDirectory(string node, string name)
    {
        if (feed.Of(volumes).Find("", name)?.Parse() is not { } volume) { return true; }
        var terms = volume.Spec()?.Object("nodeAffinity")?.Object("required")?.Items("nodeSelectorTerms") ?? [];
        return volume.Spec()?.Object("hostPath") is not null
            && terms.SelectMany(term => term.Items("matchExpressions")).Any(one => one.Text("key") == "kubernetes.io/hostname" && (one["values"] as JsonArray ?? []).Any(value => value?.ToString() == node));
    }

    public bool HasAttachment(string node, string name) => feed.Of(attachments).Find("", name)?.Index.Field("spec.nodeName") == node;

    public bool HasSlice(string node, string name) => feed.Of(slices).Find("", name)?.Index.Field("spec.nodeName") == node;

    private static bool MountsWith(JsonObject volume, string @namespace, string secret) =>
        volume.Spec()?.Object("csi") is { } csi
        && Array.Exists(secretReferences, reference => csi.Object(reference) is { } used && used.Text("namespace") == @namespace && used.Text("name") == secret);
}
