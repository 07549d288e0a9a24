using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Plugins;
using Flotilla.ClusterCore.Scheduler.Tests.Fakes;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>A cluster's state and the default plugins, without an API.</summary>
internal sealed class Stage
{
    public Stage(KubeSchedulerProfile? profile = null)
    {
        State = new(Namespaces);
        Profile = DefaultPlugins.Build(profile ?? new(), new(Namespaces, Selectors, Volumes, Budgets, Writer, new Random(1)));
        Algorithm = new(Profile, percentageOfNodesToScore: 100, new Random(1));
    }

    public FakeNamespaces Namespaces { get; } = new();

    public FakeVolumes Volumes { get; } = new();

    public FakeSelectors Selectors { get; } = new();

    public FakeBudgets Budgets { get; } = new();

    public FakeWriter Writer { get; } = new();

    public ClusterState State { get; }

    public Profile Profile { get; }

    public SchedulingAlgorithm Algorithm { get; }

    public Stage With(params Node[] nodes)
    {
        foreach (var node in nodes) { State.SetNode(node); }
        State.Refresh();
        return this;
    }

    public Stage With(params Pod[] pods)
    {
        foreach (var pod in pods) { State.SetPod(PodInfo.From(pod)); }
        return this;
    }

    public ScheduleResult Schedule(Pod pod) => Algorithm.Schedule(new CycleState(), PodInfo.From(pod), State.Snapshot);

    /// <summary>The nodes all filters let through, and what the scheduler says when there is none.</summary>
    public (string[] Feasible, string Message) Filter(Pod pod)
    {
        var info = PodInfo.From(pod);
        var cycle = new CycleState();
        var result = Algorithm.Schedule(cycle, info, State.Snapshot);
        if (result.Diagnosis is { } diagnosis) { return ([], diagnosis.Message()); }
        if (result.Error is { } error) { return ([], error.Message); }
        return ([.. State.Snapshot.Nodes.Where(node => Algorithm.FilterWithNominated(cycle, info, node, State.Snapshot) is null).Select(node => node.Name).Order()], "");
    }

    /// <summary>What the pod's condition would say: why no node will do, and what preemption makes of it.</summary>
    public string Explain(Pod pod)
    {
        var (diagnosis, outcome, message) = PostFilter(pod);
        if (diagnosis is null) { return message; }
        // Most cases are about the filters: there is nobody to drive away in them.
        diagnosis.PostFilterMessage = State.PodCount > 0 && PodInfo.From(pod).Priority > 0 ? outcome.Message : "";
        return diagnosis.Message();
    }

    /// <summary>The node preemption chose, and whom it drives away from there.</summary>
    public (string? Node, string Victims) Preempt(Pod pod)
    {
        var (_, outcome, _) = PostFilter(pod);
        return (outcome.NominatedNode is { Length: > 0 } node ? node : null, string.Join(' ', (outcome.Victims ?? []).Select(victim => victim.Name)));
    }

    private (Diagnosis? Diagnosis, PostFilterOutcome Outcome, string Message) PostFilter(Pod pod)
    {
        var (info, cycle) = (PodInfo.From(pod), new CycleState());
        var result = Algorithm.Schedule(cycle, info, State.Snapshot);
        return result.Diagnosis is { } diagnosis
            ? (diagnosis, Algorithm.RunPostFilters(cycle, info, diagnosis, State.Snapshot), "")
            : (null, default, result.Error?.Message ?? "");
    }

    public Dictionary<string, long> Score(Pod pod, string pluginName)
    {
        var info = PodInfo.From(pod);
        var cycle = new CycleState();
        var plugin = Profile.Scores.Single(one => one.Plugin.Name == pluginName).Plugin;
        var nodes = State.Snapshot.Nodes.ToArray();
        if (Profile.PreScores.FirstOrDefault(one => one.Name == pluginName) is { } pre && !pre.PreScore(cycle, info, nodes, State.Snapshot)) { return []; }
        var scores = nodes.Select(node => plugin.Score(cycle, info, node)).ToArray();
        plugin.Normalize(cycle, info, nodes, scores);
        return nodes.Zip(scores).ToDictionary(one => one.First.Name, one => one.Second);
    }
}
