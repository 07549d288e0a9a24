using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.InterPodAffinity;

/// <summary>Near to, or away from, other pods: required terms filter, preferred ones score; and the terms of placed pods count, too.</summary>
internal sealed class InterPodAffinityPlugin(INamespaceLabels namespaces, InterPodAffinityArgs args) : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin
{
    private static readonly CycleSlot<RequiredTerms> Required = new();
    private static readonly CycleSlot<PreferredTerms> Preferred = new();

    private readonly Status affinity = Status.Unresolvable("InterPodAffinity", "node(s) didn't match pod affinity rules");
    private readonly Status antiAffinity = Status.Unschedulable("InterPodAffinity", "node(s) didn't match pod anti-affinity rules");
    private readonly Status existing = Status.Unschedulable("InterPodAffinity", "node(s) didn't satisfy existing pods anti-affinity rules");

    public string Name => "InterPodAffinity";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.AssignedPod, EventActions.Add | EventActions.Delete | EventActions.UpdatePodLabel, Concerns),
        new(EventResource.UnscheduledPod, EventActions.UpdatePodLabel),
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeLabel),
        new(EventResource.Namespace, EventActions.Update),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (RequiredTerms.Compute(pod, cluster) is not { } terms) { return PreFilterOutcome.Skipped; }
        state.Set(Required, terms);
        return PreFilterOutcome.Success;
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) => state.Find(Required)?.Change(pod, added, node, 1);

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) => state.Find(Required)?.Change(pod, removed, node, -1);

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var terms = state.Get(Required);
        if (!terms.SatisfiesAffinity(pod, node)) { return affinity; }
        if (!terms.SatisfiesAntiAffinity(pod, node)) { return antiAffinity; }
        return terms.SatisfiesExisting(node) ? null : existing;
    }

    public bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster)
    {
        if (PreferredTerms.Compute(pod, cluster, args) is not { } terms) { return false; }
        state.Set(Preferred, terms);
        return true;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => state.Get(Preferred).Score(node);

    public void Normalize(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, Span<long> scores) => PreferredTerms.Normalize(scores);

    private bool Concerns(PodInfo waiting, ClusterEvent change) =>
        Concerns(waiting, change.Pod) || Concerns(waiting, change.OldPod);

    private bool Concerns(PodInfo waiting, PodInfo? other) => other is not null
        && (Array.Exists(waiting.RequiredAffinity, term => term.Selects(other, namespaces))
            || Array.Exists(waiting.RequiredAntiAffinity, term => term.Selects(other, namespaces))
            || Array.Exists(other.RequiredAntiAffinity, term => term.Selects(waiting, namespaces)));
}
