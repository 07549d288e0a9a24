using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>The cluster as a scheduling cycle sees it. Nothing changes it while the cycle runs.</summary>
internal sealed class ClusterSnapshot(INamespaceLabels namespaces)
{
    /// <summary>Nodes of different zones take turns, so that a partial search sees all zones.</summary>
    public List<NodeInfo> Nodes { get; } = [];

    public INamespaceLabels Namespaces => namespaces;

    /// <summary>How many pods of a selection each node has.</summary>
    public PodSelections Selections { get; } = new(namespaces);

    /// <summary>The (anti-)affinity terms of placed pods, by node.</summary>
    public TermIndex Terms { get; } = new();

    public ClaimUsers Claims { get; } = new();

    /// <summary>On how many nodes each image is.</summary>
    public ImageIndex Images { get; } = new();

    /// <summary>Pods for which preemption makes room, on the node it does so.</summary>
    public Nominations Nominations { get; } = new();

    private Dictionary<string, NodeInfo> ByName { get; } = new(StringComparer.Ordinal);

    public NodeInfo? Find(string name) => ByName.GetValueOrDefault(name);

    internal NodeInfo GetOrAdd(string name)
    {
        if (!ByName.TryGetValue(name, out var node)) { ByName[name] = node = new NodeInfo(name); }
        return node;
    }

    internal void Forget(NodeInfo node) => ByName.Remove(node.Name);
}
