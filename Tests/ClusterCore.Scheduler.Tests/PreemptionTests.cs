using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

public sealed class PreemptionTests
{
    private readonly Stage stage = new();

    [Fact]
    public void Only_as_many_pods_go_as_must_and_the_least_important_of_them()
    {
        stage.With(A.Node("n", cpu: "4")).With(Pod("low", "n", 1, "1"), Pod("mid", "n", 5, "1"), Pod("big", "n", 3, "2"));
        Assert.Equal("n without low", Preempt(Pod("new", null, 10, "1")));
        Assert.Equal("n without big", Preempt(Pod("new", null, 10, "2")));
        Assert.Equal("n without big low", Preempt(Pod("new", null, 10, "3")));
    }

    [Fact]
    public void The_node_with_the_least_important_victims_is_taken()
    {
        stage.With(A.Node("a", cpu: "1"), A.Node("b", cpu: "1"), A.Node("c", cpu: "1"))
            .With(Pod("x", "a", 7, "1"), Pod("y", "b", 3, "1"), Pod("z", "c", 5, "1"));
        Assert.Equal("b without y", Preempt(Pod("new", null, 10, "1")));
    }

    [Fact]
    public void A_node_without_a_broken_budget_is_preferred_even_with_more_important_victims()
    {
        stage.With(A.Node("a", cpu: "1"), A.Node("b", cpu: "1"))
            .With(Pod("guarded", "a", 1, "1", "app", "db"), Pod("free", "b", 5, "1"));
        stage.Budgets.Budgets.Add(new("default", PodSelector.OfLabels(A.Labels("app", "db")), 0, new HashSet<string>()));
        Assert.Equal("b without free", Preempt(Pod("new", null, 10, "1")));
    }

    [Fact]
    public void Of_equal_victims_the_one_that_runs_shortest_goes()
    {
        var old = Pod("old", "n", 1, "1");
        old.Status!.StartTime = A.Noon;
        var young = Pod("young", "n", 1, "1");
        young.Status!.StartTime = A.Noon.AddHours(1);
        stage.With(A.Node("n", cpu: "2")).With(old, young);
        Assert.Equal("n without young", Preempt(Pod("new", null, 10, "1")));
    }

    [Fact]
    public void Without_anybody_less_important_the_reason_is_told()
    {
        stage.With(A.Node("a", cpu: "1"), A.Node("b", cpu: "1", taints: [new() { Key = "k", Effect = "NoSchedule" }])).With(Pod("x", "a", 10, "1"));
        var (outcome, message) = Run(Pod("new", null, 10, "1"));
        Assert.Null(outcome.NominatedNode);
        Assert.Equal(
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: }. "
            + "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
            message);
    }

    [Fact]
    public void A_pod_that_must_not_preempt_does_not()
    {
        stage.With(A.Node("n", cpu: "1")).With(Pod("x", "n", 1, "1"));
        var meek = Pod("new", null, 10, "1");
        meek.Spec!.PreemptionPolicy = "Never";
        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.", Run(meek).Message);
    }

    [Fact]
    public void The_room_made_for_a_pod_is_not_given_to_a_lesser_one()
    {
        stage.With(A.Node("n", cpu: "1"));
        var promised = PodInfo.From(Pod("promised", null, 10, "1"));
        stage.State.Snapshot.Nominations.Set(promised, "n");
        Assert.Empty(stage.Filter(Pod("lesser", null, 1, "1")).Feasible);
        Assert.Equal(["n"], stage.Filter(Pod("promised", null, 10, "1")).Feasible);
        Assert.Equal(["n"], stage.Filter(Pod("greater", null, 11, "1")).Feasible);
    }

    [Fact]
    public void Anti_affinity_is_cured_by_removing_the_pod_it_is_about()
    {
        stage.With(A.Node("n", cpu: "4")).With(Pod("x", "n", 1, "100m", "app", "web"));
        var shy = Pod("new", null, 10, "100m");
        shy.Spec!.Affinity = new()
        {
            PodAntiAffinity = new()
            {
                RequiredDuringSchedulingIgnoredDuringExecution =
                    [new() { TopologyKey = "kubernetes.io/hostname", LabelSelector = A.Selector(A.Labels("app", "web")) }],
            },
        };
        Assert.Equal("n without x", Preempt(shy));
    }

    private string Preempt(Pod pod)
    {
        var (outcome, _) = Run(pod);
        return $"{outcome.NominatedNode} without {string.Join(' ', (outcome.Victims ?? []).Select(victim => victim.Name))}";
    }

    private (PostFilterOutcome Outcome, string Message) Run(Pod pod)
    {
        var info = PodInfo.From(pod);
        var cycle = new CycleState();
        var diagnosis = stage.Algorithm.Schedule(cycle, info, stage.State.Snapshot).Diagnosis!;
        var outcome = stage.Profile.PostFilters.Single().PostFilter(cycle, info, diagnosis, stage.State.Snapshot, stage.Algorithm);
        diagnosis.PostFilterMessage = outcome.Message;
        return (outcome, diagnosis.Message());
    }

    private static Pod Pod(string name, string? node, int priority, string cpu, params string[] labels)
    {
        var pod = A.Pod(name, node, labels: A.Labels(labels.Length == 0 ? ["name", name] : labels), cpu: cpu);
        pod.Spec!.Priority = priority;
        return pod;
    }
}
