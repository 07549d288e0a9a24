using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Selectors;

/// <summary>One nodeSelectorTerm: all its requirements hold. A term without any matches no node.</summary>
internal sealed record NodeSelectorTerm(IReadOnlyList<LabelRequirement> Labels, IReadOnlyList<LabelRequirement> Fields)
{
    private const string NameField = "metadata.name";

    public bool Matches(NodeInfo node)
    {
        if (Labels.Count == 0 && Fields.Count == 0) { return false; }
        foreach (var requirement in Labels)
        {
            if (!requirement.Matches(node.Labels.TryGetValue(requirement.Key, out var value) ? value : null)) { return false; }
        }
        foreach (var requirement in Fields)
        {
            if (requirement.Key != NameField || !requirement.Matches(node.Name)) { return false; }
        }
        return true;
    }

    /// <summary>The node names a term pins the pod to (as the DaemonSet controller does), or null when it pins none; empty when no node has all of them.</summary>
    public IReadOnlySet<string>? PinnedNodes()
    {
        HashSet<string>? names = null;
        foreach (var requirement in Fields)
        {
            if (requirement is not { Key: NameField, Operator: SelectorOperator.In }) { continue; }
            if (names is null) { names = new(requirement.Values, StringComparer.Ordinal); }
            else { names.IntersectWith(requirement.Values); }
        }
        return names;
    }
}

/// <summary>A node selector: any one of its terms holds.</summary>
internal sealed record NodeSelector(IReadOnlyList<NodeSelectorTerm> Terms)
{
    public bool Matches(NodeInfo node)
    {
        foreach (var term in Terms)
        {
            if (term.Matches(node)) { return true; }
        }
        return false;
    }
}

internal sealed record PreferredNodeTerm(int Weight, NodeSelectorTerm Term);
