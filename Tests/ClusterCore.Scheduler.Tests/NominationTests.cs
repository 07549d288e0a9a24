using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

public sealed class NominationTests
{
    private readonly Stage stage = new Stage().With(A.Node("n", cpu: "1"));

    [Fact]
    public void The_room_made_for_a_pod_is_not_given_to_a_lesser_one()
    {
        stage.State.Snapshot.Nominations.Set(PodInfo.From(Pod("promised", 10)), "n");
        Assert.Empty(stage.Filter(Pod("lesser", 1)).Feasible);
        Assert.Equal(["n"], stage.Filter(Pod("promised", 10)).Feasible);
        Assert.Equal(["n"], stage.Filter(Pod("greater", 11)).Feasible);
    }

    [Fact]
    public void A_greater_pod_takes_over_what_lesser_ones_were_promised()
    {
        var nominations = stage.State.Snapshot.Nominations;
        nominations.Set(PodInfo.From(Pod("lesser", 1)), "n");
        nominations.Set(PodInfo.From(Pod("equal", 10)), "n");
        nominations.Set(PodInfo.From(Pod("elsewhere", 1)), "m");
        Assert.Equal(["lesser"], nominations.TakeOver(PodInfo.From(Pod("greater", 10)), "n").Select(pod => pod.Name));
        Assert.Equal(["equal", "greater"], nominations.On("n").Select(pod => pod.Name));
    }

    private static Pod Pod(string name, int priority)
    {
        var pod = A.Pod(name, cpu: "1");
        pod.Spec.Priority = priority;
        return pod;
    }
}
