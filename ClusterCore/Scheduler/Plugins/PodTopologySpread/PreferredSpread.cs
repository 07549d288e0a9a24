using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;

/// <summary>What the score needs to know of each ScheduleAnyway constraint. Fewer selected pods in a node's domains are better.</summary>
internal sealed class PreferredSpread : ICycleData
{
    private readonly HashSet<string> ignored = new(StringComparer.Ordinal);
    private readonly List<Part> parts = [];

    public static PreferredSpread Compute(
        PodInfo pod, SpreadConstraint[] constraints, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster, bool requireAllKeys)
    {
        var spread = new PreferredSpread();
        foreach (var node in nodes)
        {
            if (requireAllKeys && !NodeInclusion.HasAllKeys(constraints, node)) { spread.ignored.Add(node.Name); }
        }
        foreach (var constraint in constraints) { spread.parts.Add(spread.ComputePart(pod, constraint, nodes, cluster, constraints, requireAllKeys)); }
        return spread;
    }

    public long Score(NodeInfo node)
    {
        if (ignored.Contains(node.Name)) { return 0; }
        var score = 0.0;
        foreach (var part in parts)
        {
            if (!node.Labels.TryGetValue(part.Constraint.TopologyKey, out var value)) { continue; }
            var count = part.Domains is null ? part.Selection.On(node.Name) : part.Domains[value];
            score += (count * part.Weight) + (part.Constraint.MaxSkew - 1);
        }
        return (long)Math.Round(score, MidpointRounding.AwayFromZero);
    }

    public void Normalize(ReadOnlySpan<NodeInfo> nodes, Span<long> scores)
    {
        long min = long.MaxValue, max = 0;
        for (var index = 0; index < nodes.Length; index++)
        {
            if (ignored.Contains(nodes[index].Name)) { continue; }
            (min, max) = (Math.Min(min, scores[index]), Math.Max(max, scores[index]));
        }
        for (var index = 0; index < nodes.Length; index++)
        {
            scores[index] = ignored.Contains(nodes[index].Name) ? 0
                : max == 0 ? IScorePlugin.Max
                : IScorePlugin.Max * (max + min - scores[index]) / max;
        }
    }

    private Part ComputePart(
        PodInfo pod, SpreadConstraint constraint, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster, SpreadConstraint[] all, bool requireAllKeys)
    {
        var selection = cluster.Selections.OfSpread(pod.Namespace, constraint.Selector);
        // A node is its own domain: its count needs no sum.
        if (constraint.TopologyKey == WellKnownLabels.Hostname) { return new(constraint, selection, null, WeightOf(nodes.Length - ignored.Count)); }
        var domains = new TopologyCounts();
        foreach (var node in nodes)
        {
            if (!ignored.Contains(node.Name) && node.Labels.TryGetValue(constraint.TopologyKey, out var value)) { domains.Add(value, 0); }
        }
        var weight = WeightOf(domains.Domains);
        foreach (var (name, count) in selection.Counts)
        {
            if (cluster.Find(name) is { Node: not null } node && node.Labels.TryGetValue(constraint.TopologyKey, out var value) && domains.Has(value)
                && (!requireAllKeys || NodeInclusion.HasAllKeys(all, node)) && NodeInclusion.Counts(constraint, pod, node))
            {
                domains.Add(value, count);
            }
        }
        return new(constraint, selection, domains, weight);
    }

    // Spreading over many domains has small differences; the logarithm makes up for it.
    private static double WeightOf(int domains) => Math.Log(domains + 2);

    private sealed record Part(SpreadConstraint Constraint, PodSelection Selection, TopologyCounts? Domains, double Weight);
}
