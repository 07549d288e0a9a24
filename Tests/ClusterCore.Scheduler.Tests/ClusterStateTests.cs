using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Selectors;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

public sealed class ClusterStateTests
{
    private readonly Stage stage = new Stage().With(A.Node("a"), A.Node("b"));

    private ClusterSnapshot Snapshot => stage.State.Snapshot;

    [Fact]
    public void What_is_assumed_counts_until_it_is_forgotten()
    {
        var pod = PodInfo.From(A.Pod("x", cpu: "1"));
        stage.State.Assume(pod, Snapshot.Find("a")!);
        Assert.Equal((1000, 1), (Snapshot.Find("a")!.Requested.MilliCpu, Snapshot.Find("a")!.Pods.Count));
        stage.State.RemovePod(pod.Uid);
        Assert.Equal((0, 0), (Snapshot.Find("a")!.Requested.MilliCpu, Snapshot.Find("a")!.Pods.Count));
    }

    [Fact]
    public void An_assumed_pod_that_shows_up_elsewhere_is_counted_there_only()
    {
        stage.State.Assume(PodInfo.From(A.Pod("x", cpu: "1")), Snapshot.Find("a")!);
        stage.With(A.Pod("x", node: "b", cpu: "1"));
        Assert.Equal((0, 1000), (Snapshot.Find("a")!.Requested.MilliCpu, Snapshot.Find("b")!.Requested.MilliCpu));
        Assert.False(stage.State.IsAssumed("uid-default-x"));
    }

    [Fact]
    public void Pods_of_a_node_that_is_not_there_yet_are_counted_when_it_comes()
    {
        stage.With(A.Pod("x", node: "late", cpu: "1"));
        Assert.DoesNotContain(Snapshot.Nodes, node => node.Name == "late");
        stage.With(A.Node("late"));
        Assert.Equal(1000, Snapshot.Nodes.Single(node => node.Name == "late").Requested.MilliCpu);
        stage.State.RemoveNode("late");
        stage.State.Refresh();
        Assert.Equal(["a", "b"], Snapshot.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Counts_of_a_selection_follow_every_placement()
    {
        stage.With(A.Pod("x", node: "a"), A.Pod("y", node: "b", labels: A.Labels("app", "db")));
        var selection = Snapshot.Selections.OfSpread("default", PodSelector.OfLabels(A.WebLabels));
        Assert.Equal((1, 0), (selection.On("a"), selection.On("b")));
        stage.With(A.Pod("z", node: "b"));
        stage.State.RemovePod("uid-default-x");
        Assert.Equal((0, 1), (selection.On("a"), selection.On("b")));
    }

    [Fact]
    public void Nodes_of_different_zones_take_turns()
    {
        var zoned = new Stage();
        foreach (var (name, zone) in new[] { ("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c") })
        {
            zoned.With(A.Node(name, labels: A.Labels(WellKnownLabels.Zone, zone)));
        }
        Assert.Equal(["a1", "b1", "c1", "a2", "a3"], zoned.State.Snapshot.Nodes.Select(node => node.Name));
    }
}
