using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

internal enum TermKind
{
    RequiredAffinity,
    RequiredAntiAffinity,
    PreferredAffinity,
    PreferredAntiAffinity,
}

/// <summary>One term that placed pods carry, and on which nodes how many of them are.</summary>
internal sealed class PlacedTerm(TermKind kind, int weight, AffinityTerm term)
{
    public TermKind Kind => kind;

    public int Weight => weight;

    public AffinityTerm Term => term;

    public Dictionary<string, int> Owners { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The terms of placed pods, equal ones kept once: a question costs by the number of different terms, not of pods.
/// </summary>
internal sealed class TermIndex
{
    private readonly Dictionary<(TermKind, int, string, string), PlacedTerm> terms = [];

    public IEnumerable<PlacedTerm> All => terms.Values;

    public bool IsEmpty => terms.Count == 0;

    public void Change(PodInfo pod, NodeInfo node, int sign)
    {
        if (!pod.HasAffinityTerms) { return; }
        foreach (var term in pod.RequiredAffinity) { Change(TermKind.RequiredAffinity, 0, term, node, sign); }
        foreach (var term in pod.RequiredAntiAffinity) { Change(TermKind.RequiredAntiAffinity, 0, term, node, sign); }
        foreach (var term in pod.PreferredAffinity) { Change(TermKind.PreferredAffinity, term.Weight, term.Term, node, sign); }
        foreach (var term in pod.PreferredAntiAffinity) { Change(TermKind.PreferredAntiAffinity, term.Weight, term.Term, node, sign); }
    }

    private void Change(TermKind kind, int weight, AffinityTerm term, NodeInfo node, int sign)
    {
        var key = (kind, weight, term.SelectionKey, term.TopologyKey);
        if (!terms.TryGetValue(key, out var placed)) { terms[key] = placed = new(kind, weight, term); }
        var count = placed.Owners.GetValueOrDefault(node.Name) + sign;
        if (count > 0) { placed.Owners[node.Name] = count; }
        else if (placed.Owners.Remove(node.Name) && placed.Owners.Count == 0) { terms.Remove(key); }
    }
}
