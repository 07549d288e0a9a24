using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;

/// <summary>How the selected pods are spread over each DoNotSchedule constraint's domains now.</summary>
internal sealed class RequiredSpread(ConstraintDomains[] constraints) : ICycleData
{
    public ConstraintDomains[] Constraints => constraints;

    public static RequiredSpread Compute(PodInfo pod, SpreadConstraint[] constraints, ClusterSnapshot cluster)
    {
        var domains = Array.ConvertAll(constraints, one => new ConstraintDomains(one, one.Selector.Matches(pod.Labels)));
        var selections = Array.ConvertAll(constraints, one => cluster.Selections.OfSpread(pod.Namespace, one.Selector));
        foreach (var node in cluster.Nodes)
        {
            if (!NodeInclusion.HasAllKeys(constraints, node)) { continue; }
            for (var index = 0; index < constraints.Length; index++)
            {
                if (!NodeInclusion.Counts(constraints[index], pod, node)) { continue; }
                domains[index].Counts.Add(node.Labels[constraints[index].TopologyKey], selections[index].On(node.Name));
            }
        }
        return new(domains);
    }

    public void Change(PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        if (other.Namespace != pod.Namespace || !Array.TrueForAll(constraints, one => node.Labels.ContainsKey(one.Constraint.TopologyKey))) { return; }
        foreach (var domain in constraints)
        {
            var constraint = domain.Constraint;
            if (constraint.Selector.Matches(other.Labels) && NodeInclusion.Counts(constraint, pod, node)
                && node.Labels.TryGetValue(constraint.TopologyKey, out var value))
            {
                domain.Change(value, sign);
            }
        }
    }

    public ICycleData Clone() => new RequiredSpread(Array.ConvertAll(constraints, one => one.Clone()));
}

internal sealed class ConstraintDomains(SpreadConstraint constraint, bool selfMatch, TopologyCounts? counts = null)
{
    private long? min;

    public SpreadConstraint Constraint => constraint;

    public TopologyCounts Counts { get; } = counts ?? new();

    /// <summary>The difference to the emptiest domain once the pod is in this one.</summary>
    public long SkewWith(string value) => Counts[value] + (selfMatch ? 1 : 0) - (min ??= GlobalMin());

    public void Change(string value, int sign)
    {
        Counts.Add(value, sign);
        min = null;
    }

    public ConstraintDomains Clone() => new(constraint, selfMatch, Counts.Clone());

    // With fewer domains than asked for, there are empty ones yet to come.
    private long GlobalMin() => Counts.Domains < constraint.MinDomains ? 0 : Counts.Min();
}

internal static class NodeInclusion
{
    public static bool HasAllKeys(SpreadConstraint[] constraints, NodeInfo node)
    {
        foreach (var constraint in constraints)
        {
            if (!node.Labels.ContainsKey(constraint.TopologyKey)) { return false; }
        }
        return true;
    }

    public static bool Counts(SpreadConstraint constraint, PodInfo pod, NodeInfo node) =>
        (!constraint.HonorsNodeAffinity || pod.AcceptsNode(node))
        && (!constraint.HonorsTaints || TaintToleration.TaintTolerationPlugin.FindUntolerated(pod, node) is null);
}
