using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.ImageLocality;

/// <summary>
/// Prefers nodes that have the pod's images, by size. An image counts by the share of nodes that have it, lest one node
/// that pulled first draws every pod.
/// </summary>
internal sealed class ImageLocalityPlugin : IPreScorePlugin, IScorePlugin
{
    private const long Megabyte = 1024 * 1024;
    private const long MinThreshold = 23 * Megabyte;
    private const long MaxThresholdOfOne = 1000 * Megabyte;

    private ClusterSnapshot? cluster;
    private string[] names = [];

    public string Name => "ImageLocality";

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot snapshot)
    {
        cluster = snapshot;
        names = Array.ConvertAll(pod.Images, Normalize);
        return Array.Exists(names, name => snapshot.Images.NodesWith(name) > 0);
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (node.Images.Count == 0) { return 0; }
        var sum = 0L;
        foreach (var name in names)
        {
            if (node.Images.TryGetValue(name, out var size)) { sum += (long)(size * ((double)cluster!.Images.NodesWith(name) / cluster.Nodes.Count)); }
        }
        var most = MaxThresholdOfOne * names.Length;
        return IScorePlugin.Max * (Math.Clamp(sum, MinThreshold, most) - MinThreshold) / (most - MinThreshold);
    }

    /// <summary>A name without a tag means the tag "latest"; a registry's port is no tag.</summary>
    internal static string Normalize(string image) =>
        image.LastIndexOf(':') <= image.LastIndexOf('/') ? image + ":latest" : image;
}
