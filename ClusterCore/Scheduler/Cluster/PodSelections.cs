using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>
/// Counts, per node, the placed pods that a selector selects. The first question about a selection looks at every pod;
/// afterwards each placement keeps the counts, so a thousand pods of one ReplicaSet ask for the price of one.
/// </summary>
internal sealed class PodSelections(INamespaceLabels namespaces)
{
    // Each placement is shown to every selection; more would cost more than counting anew now and then.
    private const int Capacity = 1024;

    private readonly Dictionary<string, PodSelection> selections = new(StringComparer.Ordinal);
    private long clock;

    public PodSelection Of(string key, Func<PodInfo, bool> selects, IEnumerable<NodeInfo> nodes)
    {
        if (!selections.TryGetValue(key, out var selection))
        {
            if (selections.Count >= Capacity) { EvictOldest(); }
            selections[key] = selection = new(selects);
            foreach (var node in nodes)
            {
                foreach (var pod in node.Pods) { selection.Change(pod, node, 1); }
            }
        }
        selection.LastUsed = ++clock;
        return selection;
    }

    /// <summary>Pods of one namespace that are not on their way out: what topology spread counts.</summary>
    public PodSelection OfSpread(string ns, PodSelector selector, IEnumerable<NodeInfo> nodes) =>
        Of($"spread|{ns}|{selector.Key}", pod => pod.Namespace == ns && !pod.Terminating && selector.Matches(pod.Labels), nodes);

    /// <summary>Pods that every one of the terms selects: what pod affinity counts.</summary>
    public PodSelection OfTerms(IReadOnlyList<AffinityTerm> terms, IEnumerable<NodeInfo> nodes) =>
        Of($"terms|{string.Join('&', terms.Select(term => term.SelectionKey))}",
            pod => terms.All(term => term.Selects(pod, namespaces)), nodes);

    /// <summary>Pods that mount a claim.</summary>
    public PodSelection OfClaim(string ns, string name, IEnumerable<NodeInfo> nodes) =>
        Of($"claim|{ns}|{name}", pod => pod.Namespace == ns && Array.Exists(pod.Claims, claim => claim.Name == name), nodes);

    public void Change(PodInfo pod, NodeInfo node, int sign)
    {
        foreach (var selection in selections.Values) { selection.Change(pod, node, sign); }
    }

    /// <summary>Labels of a namespace changed: what a selection selects may have, too.</summary>
    public void Clear() => selections.Clear();

    private void EvictOldest() => selections.Remove(selections.MinBy(one => one.Value.LastUsed).Key);
}

internal sealed class PodSelection(Func<PodInfo, bool> selects)
{
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public long LastUsed { get; set; }

    public IReadOnlyDictionary<string, int> Counts => counts;

    public bool Selects(PodInfo pod) => selects(pod);

    public int On(string nodeName) => counts.GetValueOrDefault(nodeName);

    public void Change(PodInfo pod, NodeInfo node, int sign)
    {
        if (!selects(pod)) { return; }
        var count = counts.GetValueOrDefault(node.Name) + sign;
        if (count == 0) { counts.Remove(node.Name); }
        else { counts[node.Name] = count; }
    }
}
