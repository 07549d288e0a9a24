using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.PodTopologySpread;

/// <summary>Keeps the pods of a selection evenly spread: DoNotSchedule constraints filter, ScheduleAnyway ones score.</summary>
internal sealed class PodTopologySpreadPlugin(IDefaultSelectors defaults, PodTopologySpreadArgs args) : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin
{
    private const string Reason = "node(s) didn't match pod topology spread constraints";

    private static readonly CycleSlot<RequiredSpread> Required = new();
    private static readonly CycleSlot<PreferredSpread> Preferred = new();

    private readonly Status uneven = Status.Unschedulable("PodTopologySpread", Reason);
    private readonly Status unlabelled = Status.Unresolvable("PodTopologySpread", Reason + " (missing required label)");

    public string Name => "PodTopologySpread";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.AssignedPod, EventActions.Add | EventActions.Delete | EventActions.UpdatePodLabel, (pod, change) =>
            Concerns(pod, change.Pod) || Concerns(pod, change.OldPod)),
        new(EventResource.UnscheduledPod, EventActions.UpdatePodLabel | EventActions.UpdatePodTolerations),
        new(EventResource.Node, EventActions.Delete | EventActions.UpdateNodeLabel | EventActions.UpdateNodeTaint),
        // A node outside of all domains changes none.
        new(EventResource.Node, EventActions.Add, (pod, change) =>
            change.Node is not { } node || NodeInclusion.HasAllKeys(ConstraintsOf(pod, required: true), node)),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        var constraints = ConstraintsOf(pod, required: true);
        if (constraints.Length == 0) { return PreFilterOutcome.Skipped; }
        state.Set(Required, RequiredSpread.Compute(pod, constraints, cluster));
        return PreFilterOutcome.Success;
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) => state.Find(Required)?.Change(pod, added, node, 1);

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) => state.Find(Required)?.Change(pod, removed, node, -1);

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        foreach (var domain in state.Get(Required).Constraints)
        {
            if (!node.Labels.TryGetValue(domain.Constraint.TopologyKey, out var value)) { return unlabelled; }
            if (domain.SkewWith(value) > domain.Constraint.MaxSkew) { return uneven; }
        }
        return null;
    }

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster)
    {
        var constraints = ConstraintsOf(pod, required: false);
        if (constraints.Length == 0) { return false; }
        state.Set(Preferred, PreferredSpread.Compute(pod, constraints, nodes, cluster, requireAllKeys: pod.SpreadConstraints.Length > 0 || !SystemDefaults));
        return true;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => state.Get(Preferred).Score(node);

    public void Normalize(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, Span<long> scores) =>
        state.Get(Preferred).Normalize(nodes, scores);

    private bool SystemDefaults => args.DefaultingType == "System";

    private SpreadConstraint[] ConstraintsOf(PodInfo pod, bool required)
    {
        if (pod.SpreadConstraints.Length > 0) { return Array.FindAll(pod.SpreadConstraints, one => one.Required == required); }
        if (SystemDefaults && required || defaults.SelectorOf(pod) is not { } selector) { return []; }
        return SystemDefaults
            ? DefaultConstraints.For(selector)
            : [.. args.DefaultConstraints.Select(one => SelectorParser.ToSpreadConstraint(one, selector, pod.Labels)).Where(one => one.Required == required)];
    }

    private bool Concerns(PodInfo waiting, PodInfo? other) =>
        other is not null && other.Namespace == waiting.Namespace
        && Array.Exists(ConstraintsOf(waiting, required: true), one => one.Selector.Matches(other.Labels));
}
