using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>What scheduling one pod takes, counted in bytes allocated: unlike time, they are the same on every machine.</summary>
public sealed class CostTests
{
    private const int Nodes = 1000;

    [Fact]
    public void Scheduling_a_pod_costs_the_same_with_a_hundred_thousand_pods_placed()
    {
        var stage = new Stage().With([.. Enumerable.Range(0, Nodes).Select(index => A.Node($"node-{index}", cpu: "64", memory: "256Gi", pods: "200"))]);
        var pod = PodInfo.From(A.Pod("next"));
        var empty = Cost(stage, pod);
        foreach (var index in Enumerable.Range(0, 100 * Nodes)) { stage.State.SetPod(PodInfo.From(A.Pod($"pod-{index}", $"node-{index % Nodes}", cpu: "10m"))); }
        Assert.InRange(Cost(stage, pod), 0, empty + (empty / 10));
    }

    private static long Cost(Stage stage, PodInfo pod)
    {
        // The first cycle makes what later ones use again.
        Schedule(stage, pod);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Schedule(stage, pod);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Schedule(Stage stage, PodInfo pod)
    {
        stage.State.Refresh();
        Assert.NotNull(stage.Algorithm.Schedule(new CycleState(), pod, stage.State.Snapshot).Node);
    }
}
