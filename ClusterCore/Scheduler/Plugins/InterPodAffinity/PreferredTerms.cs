using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.InterPodAffinity;

/// <summary>What being in each topology domain is worth: for the pod's own preferences and for those of placed pods.</summary>
internal sealed class PreferredTerms : ICycleData
{
    private readonly Dictionary<string, TopologyCounts> worth = new(StringComparer.Ordinal);

    public static PreferredTerms? Compute(PodInfo pod, ClusterSnapshot cluster, InterPodAffinityArgs args)
    {
        var hasOwn = pod.PreferredAffinity.Length + pod.PreferredAntiAffinity.Length > 0;
        // A pod with preferences of its own hears of those of others whatever the profile says.
        if (!hasOwn && (args.IgnorePreferredTermsOfExistingPods || cluster.Terms.IsEmpty)) { return null; }
        var terms = new PreferredTerms();
        foreach (var (weight, term) in pod.PreferredAffinity) { terms.AddOwn(term, weight, cluster); }
        foreach (var (weight, term) in pod.PreferredAntiAffinity) { terms.AddOwn(term, -weight, cluster); }
        foreach (var placed in cluster.Terms.Concerning(pod))
        {
            var weight = WeightOf(placed, args);
            if (weight != 0 && placed.Term.Selects(pod, cluster.Namespaces)) { terms.Add(placed.Term.TopologyKey, placed.Owners, weight, cluster); }
        }
        return terms.worth.Count == 0 ? null : terms;
    }

    public long Score(NodeInfo node)
    {
        var score = 0L;
        foreach (var (key, values) in worth)
        {
            if (node.Labels.TryGetValue(key, out var value)) { score += values[value]; }
        }
        return score;
    }

    public static void Normalize(Span<long> scores)
    {
        long min = long.MaxValue, max = long.MinValue;
        foreach (var score in scores) { (min, max) = (Math.Min(min, score), Math.Max(max, score)); }
        for (var index = 0; index < scores.Length; index++)
        {
            scores[index] = max == min ? 0 : (long)((double)IScorePlugin.Max * (scores[index] - min) / (max - min));
        }
    }

    private static int WeightOf(PlacedTerm placed, InterPodAffinityArgs args) => placed.Kind switch
    {
        TermKind.RequiredAffinity => args.HardPodAffinityWeight,
        TermKind.PreferredAffinity => placed.Weight,
        TermKind.PreferredAntiAffinity => -placed.Weight,
        _ => 0,
    };

    private void AddOwn(AffinityTerm term, int weight, ClusterSnapshot cluster) =>
        Add(term.TopologyKey, cluster.Selections.OfTerms([term]).Counts, weight, cluster);

    private void Add(string key, IReadOnlyDictionary<string, int> counts, int weight, ClusterSnapshot cluster)
    {
        foreach (var (name, count) in counts)
        {
            if (cluster.Find(name) is not { } node || !node.Labels.TryGetValue(key, out var value)) { continue; }
            if (!worth.TryGetValue(key, out var values)) { worth[key] = values = new(); }
            values.Add(value, (long)weight * count);
        }
    }
}
