using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.InterPodAffinity;

/// <summary>Where the pods are that the required terms speak of, by topology value.</summary>
internal sealed class RequiredTerms : ICycleData
{
    private readonly INamespaceLabels namespaces;
    private readonly TopologyCounts[] affinity;
    private readonly TopologyCounts[] antiAffinity;
    private readonly Dictionary<string, TopologyCounts> existing;

    private RequiredTerms(INamespaceLabels namespaces, TopologyCounts[] affinity, TopologyCounts[] antiAffinity, Dictionary<string, TopologyCounts> existing) =>
        (this.namespaces, this.affinity, this.antiAffinity, this.existing) = (namespaces, affinity, antiAffinity, existing);

    /// <returns>Null when no term concerns the pod.</returns>
    public static RequiredTerms? Compute(PodInfo pod, ClusterSnapshot cluster)
    {
        var existing = Existing(pod, cluster);
        if (existing.Count == 0 && pod.RequiredAffinity.Length == 0 && pod.RequiredAntiAffinity.Length == 0) { return null; }
        // A pod counts for affinity only when every term selects it; for anti-affinity each term stands alone.
        var affinity = Array.ConvertAll(pod.RequiredAffinity, term => CountBy(term.TopologyKey, pod.RequiredAffinity, cluster));
        var antiAffinity = Array.ConvertAll(pod.RequiredAntiAffinity, term => CountBy(term.TopologyKey, [term], cluster));
        return new(cluster.Namespaces, affinity, antiAffinity, existing);
    }

    public bool SatisfiesAffinity(PodInfo pod, NodeInfo node)
    {
        var terms = pod.RequiredAffinity;
        var found = true;
        for (var index = 0; index < terms.Length; index++)
        {
            if (!node.Labels.TryGetValue(terms[index].TopologyKey, out var value)) { return false; }
            found &= affinity[index][value] > 0;
        }
        // The first of a group that wants to be together has nobody to be near to yet.
        return found || (!Array.Exists(affinity, one => one.AnyPositive) && Array.TrueForAll(terms, term => term.Selects(pod, namespaces)));
    }

    public bool SatisfiesAntiAffinity(PodInfo pod, NodeInfo node)
    {
        for (var index = 0; index < antiAffinity.Length; index++)
        {
            if (node.Labels.TryGetValue(pod.RequiredAntiAffinity[index].TopologyKey, out var value) && antiAffinity[index][value] > 0) { return false; }
        }
        return true;
    }

    public bool SatisfiesExisting(NodeInfo node)
    {
        foreach (var (key, counts) in existing)
        {
            if (node.Labels.TryGetValue(key, out var value) && counts[value] > 0) { return false; }
        }
        return true;
    }

    public void Change(PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        if (pod.RequiredAffinity.Length > 0 && Array.TrueForAll(pod.RequiredAffinity, term => term.Selects(other, namespaces)))
        {
            for (var index = 0; index < affinity.Length; index++) { Add(affinity[index], pod.RequiredAffinity[index], node, sign); }
        }
        for (var index = 0; index < antiAffinity.Length; index++)
        {
            var term = pod.RequiredAntiAffinity[index];
            if (term.Selects(other, namespaces)) { Add(antiAffinity[index], term, node, sign); }
        }
        foreach (var term in other.RequiredAntiAffinity)
        {
            if (!term.Selects(pod, namespaces)) { continue; }
            if (!existing.TryGetValue(term.TopologyKey, out var counts)) { existing[term.TopologyKey] = counts = new(); }
            Add(counts, term, node, sign);
        }
    }

    public ICycleData Clone() => new RequiredTerms(
        namespaces,
        Array.ConvertAll(affinity, one => one.Clone()),
        Array.ConvertAll(antiAffinity, one => one.Clone()),
        existing.ToDictionary(one => one.Key, one => one.Value.Clone(), StringComparer.Ordinal));

    private static void Add(TopologyCounts counts, AffinityTerm term, NodeInfo node, int sign)
    {
        if (node.Labels.TryGetValue(term.TopologyKey, out var value)) { counts.Add(value, sign); }
    }

    private static TopologyCounts CountBy(string topologyKey, IReadOnlyList<AffinityTerm> terms, ClusterSnapshot cluster)
    {
        var counts = new TopologyCounts();
        foreach (var (name, count) in cluster.Selections.OfTerms(terms).Counts)
        {
            if (cluster.Find(name)?.Labels.TryGetValue(topologyKey, out var value) == true) { counts.Add(value, count); }
        }
        return counts;
    }

    private static Dictionary<string, TopologyCounts> Existing(PodInfo pod, ClusterSnapshot cluster)
    {
        var existing = new Dictionary<string, TopologyCounts>(StringComparer.Ordinal);
        foreach (var placed in cluster.Terms.Concerning(pod))
        {
            if (placed.Kind != TermKind.RequiredAntiAffinity || !placed.Term.Selects(pod, cluster.Namespaces)) { continue; }
            var key = placed.Term.TopologyKey;
            if (!existing.TryGetValue(key, out var counts)) { existing[key] = counts = new(); }
            foreach (var (name, count) in placed.Owners)
            {
                if (cluster.Find(name)?.Labels.TryGetValue(key, out var value) == true) { counts.Add(value, count); }
            }
        }
        return existing;
    }
}
