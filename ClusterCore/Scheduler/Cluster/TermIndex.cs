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

    /// <summary>A label without which a pod is not selected; null when there is none such.</summary>
    public (string Key, string Value)? Label { get; } =
        term.Selector.Requirements.Select(one => one.OnlyValue() is { } value ? (one.Key, value) : default((string, string)?)).FirstOrDefault(one => one is not null);

    public Dictionary<string, int> Owners { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The terms of placed pods, equal ones kept once. Which of them a pod concerns is found by its labels: every Deployment may have
/// terms of its own, of which another's pods need not look at one.
/// </summary>
internal sealed class TermIndex
{
    private readonly Dictionary<(TermKind, int, string, string), PlacedTerm> terms = [];
    private readonly Dictionary<(string Key, string Value), List<PlacedTerm>> byLabel = [];
    private readonly List<PlacedTerm> others = [];

    public IEnumerable<PlacedTerm> All => terms.Values;

    public bool IsEmpty => terms.Count == 0;

    /// <summary>Every term that may select the pod.</summary>
    public IEnumerable<PlacedTerm> Concerning(PodInfo pod)
    {
        foreach (var (key, value) in pod.Labels)
        {
            if (!byLabel.TryGetValue((key, value), out var labelled)) { continue; }
            foreach (var term in labelled) { yield return term; }
        }
        foreach (var term in others) { yield return term; }
    }

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
        if (!terms.TryGetValue(key, out var placed)) { Add(terms[key] = placed = new(kind, weight, term)); }
        var count = placed.Owners.GetValueOrDefault(node.Name) + sign;
        if (count > 0) { placed.Owners[node.Name] = count; }
        else if (placed.Owners.Remove(node.Name) && placed.Owners.Count == 0)
        {
            terms.Remove(key);
            Remove(placed);
        }
    }

    private void Add(PlacedTerm term)
    {
        if (term.Label is not { } label) { others.Add(term); }
        else if (byLabel.TryGetValue(label, out var labelled)) { labelled.Add(term); }
        else { byLabel[label] = [term]; }
    }

    private void Remove(PlacedTerm term)
    {
        if (term.Label is not { } label) { others.Remove(term); return; }
        byLabel[label].Remove(term);
        if (byLabel[label].Count == 0) { byLabel.Remove(label); }
    }
}
