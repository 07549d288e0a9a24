using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Preemption;

/// <summary>Looks for a node where the pod fits once pods of lower priority are gone, and takes the one where that hurts least.</summary>
internal sealed class DefaultPreemption(IDisruptionBudgets budgets, Random random, DefaultPreemptionArgs args) : IPostFilterPlugin
{
    private const string PluginName = "DefaultPreemption";

    private static readonly Status NotHelpful = Status.Unresolvable(PluginName, "Preemption is not helpful for scheduling");
    private static readonly Status NoVictims = Status.Unresolvable(PluginName, "No preemption victims found for incoming pod");

    public string Name => PluginName;

    public PostFilterOutcome PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, ClusterSnapshot cluster, SchedulingAlgorithm algorithm)
    {
        if (WhyNot(pod, diagnosis, cluster) is { } refusal) { return new($"preemption: {refusal}"); }
        // Without what PreFilter computes a dry run would ask filters that know nothing of the pod.
        if (diagnosis.PreFilterStatus is { Code: not StatusCode.Unschedulable }) { return new(Explain(diagnosis, ReadOnlyDictionary<string, Status>.Empty), NominatedNode: ""); }
        var statuses = new Dictionary<string, Status>(StringComparer.Ordinal);
        var candidates = FindCandidates(state, pod, Hopeful(diagnosis, cluster), cluster, statuses, algorithm);
        if (candidates.Count == 0) { return new(Explain(diagnosis, statuses), NominatedNode: ""); }
        var best = Candidate.Best(candidates);
        return new("", best.Node.Name, best.Victims);
    }

    private static string? WhyNot(PodInfo pod, Diagnosis diagnosis, ClusterSnapshot cluster)
    {
        if (!pod.MayPreempt) { return "not eligible due to preemptionPolicy=Never."; }
        var nominated = cluster.Nominations.NodeOf(pod.Uid) ?? pod.NominatedNodeName;
        // A node that cannot do any more, cordoned since, say, is not waited for.
        if (diagnosis.NodeStatuses.GetValueOrDefault(nominated)?.Code == StatusCode.UnschedulableAndUnresolvable) { return null; }
        return cluster.Find(nominated)?.Pods.Exists(other => other.Preempted && other.Priority < pod.Priority) == true
            ? "not eligible due to a terminating pod on the nominated node."
            : null;
    }

    private static List<NodeInfo> Hopeful(Diagnosis diagnosis, ClusterSnapshot cluster) =>
        cluster.Nodes.FindAll(node => diagnosis.NodeStatuses.TryGetValue(node.Name, out var status) && status.Code == StatusCode.Unschedulable);

    private List<Candidate> FindCandidates(
        CycleState state, PodInfo pod, List<NodeInfo> nodes, ClusterSnapshot cluster, Dictionary<string, Status> statuses, SchedulingAlgorithm algorithm)
    {
        var candidates = new List<Candidate>();
        if (nodes.Count == 0) { return candidates; }
        var wanted = Math.Min(nodes.Count, Math.Max(nodes.Count * args.MinCandidateNodesPercentage / 100, args.MinCandidateNodesAbsolute));
        var budgetsNow = budgets.All();
        var (start, free) = (random.Next(nodes.Count), 0);
        for (var seen = 0; seen < nodes.Count && (candidates.Count < wanted || free == 0); seen++)
        {
            var node = nodes[(start + seen) % nodes.Count];
            var (candidate, status) = DryRun(state.Clone(), pod, node.Clone(), cluster, budgetsNow, algorithm);
            if (status is not null) { statuses[node.Name] = status; }
            if (candidate is null) { continue; }
            candidates.Add(candidate);
            free += candidate.BudgetViolations == 0 ? 1 : 0;
        }
        return candidates;
    }

    /// <summary>Takes all lower pods away, then lets back in, most important first, every one the pod can do beside.</summary>
    private (Candidate?, Status?) DryRun(
        CycleState state, PodInfo pod, NodeInfo node, ClusterSnapshot cluster, IReadOnlyList<DisruptionBudget> budgetsNow, SchedulingAlgorithm algorithm)
    {
        var lower = node.Pods.FindAll(other => other.Priority < pod.Priority);
        if (lower.Count == 0) { return (null, NoVictims); }
        foreach (var other in lower) { algorithm.RemovePod(state, pod, other, node); }
        if (algorithm.FilterWithNominated(state, pod, node, cluster) is { } status) { return (null, status); }

        lower.Sort(ByImportance);
        var (violating, others) = BudgetSplit.Of(lower, budgetsNow);
        var victims = new List<PodInfo>();
        var violations = violating.Count(one => !Reprieve(one));
        foreach (var other in others) { Reprieve(other); }
        if (victims.Count == 0) { return (null, NoVictims); }
        victims.Sort(ByImportance);
        return (new(node, victims, violations), null);

        bool Reprieve(PodInfo other)
        {
            algorithm.AddPod(state, pod, other, node);
            if (algorithm.FilterWithNominated(state, pod, node, cluster) is null) { return true; }
            algorithm.RemovePod(state, pod, other, node);
            victims.Add(other);
            return false;
        }
    }

    private static string Explain(Diagnosis diagnosis, IReadOnlyDictionary<string, Status> statuses)
    {
        var explained = new Diagnosis { AllNodes = diagnosis.AllNodes, AbsentNodesStatus = NotHelpful };
        foreach (var (name, status) in statuses) { explained.NodeStatuses[name] = status; }
        return $"preemption: {explained.Message()}";
    }

    // Higher priority first; of equals the one that has run longer.
    private static int ByImportance(PodInfo x, PodInfo y)
    {
        var byPriority = y.Priority.CompareTo(x.Priority);
        return byPriority != 0 ? byPriority : x.StartTime.CompareTo(y.StartTime);
    }
}
