using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Framework;

/// <summary>Finds the best node for one pod: PreFilter, Filter, PreScore, Score. Pure but for where the next search begins.</summary>
internal sealed class SchedulingAlgorithm(Profile profile, int percentageOfNodesToScore, Random random)
{
    // Below this many nodes looking at all of them is cheap and a choice is worth having.
    private const int MinFeasibleNodes = 100;

    private NodeInfo[] feasible = [];
    private long[] totals = [];
    private long[] scores = [];
    private int nextStart;

    public ScheduleResult Schedule(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (cluster.Nodes.Count == 0) { return ScheduleResult.NoNodes; }
        var (rejection, allowed) = RunPreFilters(state, pod, cluster);
        if (rejection is { Rejects: false }) { return new(Error: rejection); }
        if (rejection is not null) { return Rejected(rejection, cluster); }

        if (TryNominated(state, pod, cluster) is { } nominated) { return new(nominated); }
        var diagnosis = new Diagnosis { AllNodes = cluster.Nodes.Count, AbsentNodesStatus = allowed?.Absent };
        var count = FindFeasible(state, pod, cluster, allowed?.Nodes, diagnosis);
        if (diagnosis.NodeStatuses.Values.FirstOrDefault(status => !status.Rejects) is { } error) { return new(Error: error); }
        return count switch
        {
            0 => new(Diagnosis: diagnosis),
            1 => new(feasible[0]),
            _ => new(SelectBest(state, pod, feasible.AsSpan(0, count), cluster)),
        };
    }

    /// <summary>All filters on one node; with pods nominated to it, both with them and without.</summary>
    public Status? FilterWithNominated(CycleState state, PodInfo pod, NodeInfo node, ClusterSnapshot cluster)
    {
        if (cluster.Nominations.Count > 0 && WithNominated(state, pod, node, cluster) is var (crowdedState, crowdedNode)
            && RunFilters(crowdedState, pod, crowdedNode) is { } crowded)
        {
            return crowded;
        }
        return RunFilters(state, pod, node);
    }

    public Status? RunFilters(CycleState state, PodInfo pod, NodeInfo node)
    {
        var filters = profile.Filters;
        for (var index = 0; index < filters.Length; index++)
        {
            if ((state.SkippedFilters & (1UL << index)) != 0) { continue; }
            if (filters[index].Filter(state, pod, node) is { } status) { return status; }
        }
        return null;
    }

    /// <summary>Whether anything can make room for a pod that found none: the first plugin that can, or why none can.</summary>
    public PostFilterOutcome RunPostFilters(CycleState state, PodInfo pod, Diagnosis diagnosis, ClusterSnapshot cluster)
    {
        var messages = new List<string>();
        string? nominated = null;
        foreach (var plugin in profile.PostFilters)
        {
            var outcome = plugin.PostFilter(state, pod, diagnosis, cluster, this);
            if (outcome.NominatedNode is { Length: > 0 } || outcome.Fails) { return outcome; }
            nominated ??= outcome.NominatedNode;
            messages.Add(outcome.Message);
        }
        return new(string.Join(", ", messages), nominated);
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node)
    {
        node.Add(added);
        foreach (var plugin in profile.PreFilters) { plugin.AddPod(state, pod, added, node); }
    }

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node)
    {
        node.Remove(removed);
        foreach (var plugin in profile.PreFilters) { plugin.RemovePod(state, pod, removed, node); }
    }

    private (Status? Rejection, AllowedNodes? Allowed) RunPreFilters(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        AllowedNodes? allowed = null;
        foreach (var plugin in profile.PreFilters)
        {
            var outcome = plugin.PreFilter(state, pod, cluster);
            if (outcome.Status is { } status) { return (status, null); }
            if (outcome.Skip) { Skip(state, plugin); }
            if (outcome.Nodes is not { } nodes) { continue; }
            allowed = allowed is null ? new(nodes, plugin.Name) : allowed.And(nodes, plugin.Name);
            if (allowed.Nodes.Count == 0) { return (allowed.Conflict(), null); }
        }
        return (null, allowed);
    }

    private void Skip(CycleState state, IPreFilterPlugin plugin)
    {
        var index = Array.IndexOf(profile.Filters, plugin as IFilterPlugin);
        if (index >= 0) { state.SkippedFilters |= 1UL << index; }
    }

    private static ScheduleResult Rejected(Status rejection, ClusterSnapshot cluster)
    {
        var diagnosis = new Diagnosis { AllNodes = cluster.Nodes.Count, PreFilterStatus = rejection };
        diagnosis.UnschedulablePlugins.Add(rejection.Plugin);
        foreach (var node in cluster.Nodes) { diagnosis.NodeStatuses[node.Name] = rejection; }
        return new(Diagnosis: diagnosis);
    }

    private NodeInfo? TryNominated(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        var name = cluster.Nominations.NodeOf(pod.Uid) ?? pod.NominatedNodeName;
        return name.Length > 0 && cluster.Find(name) is { Index: >= 0 } node && FilterWithNominated(state, pod, node, cluster) is null ? node : null;
    }

    private int FindFeasible(CycleState state, PodInfo pod, ClusterSnapshot cluster, IReadOnlySet<string>? allowed, Diagnosis diagnosis)
    {
        var nodes = cluster.Nodes;
        var wanted = FeasibleNodesWanted(allowed?.Count ?? nodes.Count);
        if (feasible.Length < nodes.Count) { feasible = new NodeInfo[nodes.Count]; }
        int count = 0, seen = 0, start = nextStart % nodes.Count;
        for (; seen < nodes.Count && count < wanted; seen++)
        {
            var node = nodes[(start + seen) % nodes.Count];
            if (allowed is not null && !allowed.Contains(node.Name)) { continue; }
            if (FilterWithNominated(state, pod, node, cluster) is not { } status) { feasible[count++] = node; continue; }
            diagnosis.NodeStatuses[node.Name] = status;
            diagnosis.UnschedulablePlugins.Add(status.Plugin);
        }
        if (allowed is not null && count == 0 && diagnosis.AbsentNodesStatus is { } absent) { diagnosis.UnschedulablePlugins.Add(absent.Plugin); }
        nextStart = (start + seen) % nodes.Count;
        return count;
    }

    // The share falls with the size: 50 % less one for each 125 nodes, never below 5 %.
    private int FeasibleNodesWanted(int nodes)
    {
        if (nodes < MinFeasibleNodes) { return nodes; }
        var percentage = percentageOfNodesToScore > 0 ? percentageOfNodesToScore : Math.Max(50 - (nodes / 125), 5);
        return Math.Min(nodes, Math.Max(nodes * percentage / 100, MinFeasibleNodes));
    }

    private NodeInfo SelectBest(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster)
    {
        if (totals.Length < nodes.Length) { (totals, scores) = (new long[cluster.Nodes.Count], new long[cluster.Nodes.Count]); }
        var total = totals.AsSpan(0, nodes.Length);
        total.Clear();
        var skipped = RunPreScores(state, pod, nodes, cluster);
        for (var place = 0; place < profile.Scores.Length; place++)
        {
            if ((skipped & (1UL << place)) != 0) { continue; }
            var (plugin, weight) = profile.Scores[place];
            var own = scores.AsSpan(0, nodes.Length);
            for (var index = 0; index < nodes.Length; index++) { own[index] = plugin.Score(state, pod, nodes[index]); }
            plugin.Normalize(state, pod, nodes, own);
            for (var index = 0; index < nodes.Length; index++) { total[index] += own[index] * weight; }
        }
        return nodes[PickHighest(total)];
    }

    /// <returns>A bit for each score plugin that has nothing to say about this pod.</returns>
    private ulong RunPreScores(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster)
    {
        var skipped = 0UL;
        foreach (var plugin in profile.PreScores)
        {
            if (plugin.PreScore(state, pod, nodes, cluster)) { continue; }
            var place = Array.FindIndex(profile.Scores, one => ReferenceEquals(one.Plugin, plugin));
            if (place >= 0) { skipped |= 1UL << place; }
        }
        return skipped;
    }

    // Every one of the equally good has the same chance.
    private int PickHighest(ReadOnlySpan<long> total)
    {
        int best = 0, ties = 1;
        for (var index = 1; index < total.Length; index++)
        {
            if (total[index] > total[best]) { (best, ties) = (index, 1); }
            else if (total[index] == total[best] && random.Next(++ties) == 0) { best = index; }
        }
        return best;
    }

    private (CycleState State, NodeInfo Node)? WithNominated(CycleState state, PodInfo pod, NodeInfo node, ClusterSnapshot cluster)
    {
        CycleState? changedState = null;
        NodeInfo? changedNode = null;
        foreach (var nominated in cluster.Nominations.On(node.Name))
        {
            if (nominated.Uid == pod.Uid || nominated.Priority < pod.Priority) { continue; }
            changedState ??= state.Clone();
            changedNode ??= node.Clone();
            AddPod(changedState, pod, nominated, changedNode);
        }
        return changedNode is null ? null : (changedState!, changedNode);
    }

    private sealed record AllowedNodes(IReadOnlySet<string> Nodes, string Plugin)
    {
        public Status Absent => Status.Unresolvable(Plugin, "node(s) didn't satisfy plugin(s) [" + Plugin.Replace(",", " ", StringComparison.Ordinal) + "]");

        public AllowedNodes And(IReadOnlySet<string> other, string plugin) =>
            new(Nodes.Where(other.Contains).ToHashSet(StringComparer.Ordinal), $"{Plugin},{plugin}");

        public Status Conflict() => Status.Unresolvable(Plugin.Split(',')[0], Plugin.Contains(',', StringComparison.Ordinal)
            ? $"node(s) didn't satisfy plugin(s) [{Plugin.Replace(",", " ", StringComparison.Ordinal)}] simultaneously"
            : $"node(s) didn't satisfy plugin {Plugin}");
    }
}

/// <summary>Exactly one is set, or none when there is no node at all.</summary>
internal readonly record struct ScheduleResult(NodeInfo? Node = null, Diagnosis? Diagnosis = null, Status? Error = null)
{
    public static ScheduleResult NoNodes => default;
}
