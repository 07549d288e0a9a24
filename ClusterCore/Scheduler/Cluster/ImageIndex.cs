namespace Flotilla.ClusterCore.Scheduler.Cluster;

internal sealed class ImageIndex
{
    private readonly Dictionary<string, int> nodes = new(StringComparer.Ordinal);

    public int NodesWith(string image) => nodes.GetValueOrDefault(image);

    public void Add(NodeInfo node)
    {
        foreach (var image in node.Images.Keys) { nodes[image] = nodes.GetValueOrDefault(image) + 1; }
    }

    public void Remove(NodeInfo node)
    {
        foreach (var image in node.Images.Keys)
        {
            if (--nodes[image] == 0) { nodes.Remove(image); }
        }
    }
}
