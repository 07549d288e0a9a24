using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>
/// Counts, per node, the placed pods that a selector selects. The first question about a selection counts what is there; afterwards
/// each placement keeps the counts of the selections it belongs to.
/// </summary>
internal sealed class PodSelections(INamespaceLabels namespaces)
{
    // Labels that are seen for the first time are shown to every selection; more would cost more than counting anew now and then.
    private const int Capacity = 1024;

    private readonly PodGroups groups = new();
    private readonly Dictionary<string, PodSelection> selections = new(StringComparer.Ordinal);
    private long clock;

    /// <summary>Pods of one namespace that are not on their way out: what topology spread counts.</summary>
    public PodSelection OfSpread(string ns, PodSelector selector) => Of(
        $"spread|{ns}|{selector.Key}", selector.Requirements, asksNamespaces: false,
        pod => pod.Namespace == ns && !pod.Terminating && selector.Matches(pod.Labels));

    /// <summary>Pods that every one of the terms selects: what pod affinity counts.</summary>
    public PodSelection OfTerms(IReadOnlyList<AffinityTerm> terms) => Of(
        $"terms|{string.Join('&', terms.Select(term => term.SelectionKey))}", terms.SelectMany(term => term.Selector.Requirements),
        asksNamespaces: terms.Any(term => term.NamespaceSelector is { MatchesEverything: false }), pod => terms.All(term => term.Selects(pod, namespaces)));

    public void Change(PodInfo pod, NodeInfo node, int sign)
    {
        var group = groups.Find(pod) ?? Add(pod);
        group.Change(node.Name, sign);
        foreach (var selection in group.SelectedBy) { selection.Change(node.Name, sign); }
        if (!group.IsEmpty) { return; }
        groups.Remove(group);
        foreach (var selection in group.SelectedBy) { selection.Groups.Remove(group); }
    }

    /// <summary>Labels of a namespace changed: what a selection selects that asks for them may have, too.</summary>
    public void ForgetNamespaces()
    {
        foreach (var (key, selection) in selections.Where(one => one.Value.AsksNamespaces).ToList()) { Forget(key, selection); }
    }

    private PodSelection Of(string key, IEnumerable<LabelRequirement> requirements, bool asksNamespaces, Func<PodInfo, bool> selects)
    {
        if (!selections.TryGetValue(key, out var selection))
        {
            if (selections.Count >= Capacity) { ForgetOldest(); }
            selections[key] = selection = new(selects) { AsksNamespaces = asksNamespaces };
            foreach (var group in groups.Candidates(requirements)) { selection.Offer(group); }
        }
        selection.LastUsed = ++clock;
        return selection;
    }

    private PodGroup Add(PodInfo pod)
    {
        var group = groups.Add(pod);
        foreach (var selection in selections.Values) { selection.Offer(group); }
        return group;
    }

    private void ForgetOldest()
    {
        var (key, selection) = selections.MinBy(one => one.Value.LastUsed);
        Forget(key, selection);
    }

    private void Forget(string key, PodSelection selection)
    {
        selections.Remove(key);
        foreach (var group in selection.Groups) { group.SelectedBy.Remove(selection); }
    }
}

internal sealed class PodSelection(Func<PodInfo, bool> selects)
{
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public long LastUsed { get; set; }

    public bool AsksNamespaces { get; init; }

    /// <summary>The groups it selects.</summary>
    public HashSet<PodGroup> Groups { get; } = [];

    public IReadOnlyDictionary<string, int> Counts => counts;

    public int On(string nodeName) => counts.GetValueOrDefault(nodeName);

    public void Offer(PodGroup group)
    {
        if (!selects(group.Example)) { return; }
        Groups.Add(group);
        group.SelectedBy.Add(this);
        foreach (var (nodeName, count) in group.Counts) { Change(nodeName, count); }
    }

    public void Change(string nodeName, int by)
    {
        var count = counts.GetValueOrDefault(nodeName) + by;
        if (count == 0) { counts.Remove(nodeName); }
        else { counts[nodeName] = count; }
    }
}
