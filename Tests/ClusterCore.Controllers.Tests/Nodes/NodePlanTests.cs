using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Nodes;

public sealed class NodePlanTests
{
    private static readonly ControllerManagerOptions Options = new();

    [Theory]
    [InlineData(39, false)]
    [InlineData(40, true)]
    public void A_node_silent_for_the_grace_period_is_in_doubt(int seconds, bool expected)
    {
        var plan = NodeLifecyclePlan.Compute(A.Node(), TimeSpan.FromSeconds(seconds), Options, A.Noon);
        Assert.Equal(expected, plan.WentSilent);
        if (expected)
        {
            Assert.All(plan.Conditions, condition => Assert.Equal("Unknown", condition.Status));
            Assert.Equal("Kubelet stopped posting node status.", plan.Conditions[0].Message);
        }
        else
        {
            Assert.Equal(TimeSpan.FromSeconds(1), plan.RequeueAfter);
        }
    }

    [Theory]
    [InlineData("False", false, new[] { "node.kubernetes.io/not-ready:NoSchedule" })]
    [InlineData("Unknown", true, new[] { "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute" })]
    public void Conditions_become_taints(string ready, bool mayEvict, string[] expected)
    {
        var node = A.Node();
        node.Status.Conditions![0].Status = ready;
        var taints = NodeTaints.Compute(node, node.Status.Conditions, mayEvict ? EvictionTaint.Add : EvictionTaint.Keep, A.Noon);
        Assert.Equal(expected, taints!.Select(taint => $"{taint.Key}:{taint.Effect}"));
    }

    [Fact]
    public void A_node_that_is_well_again_loses_its_taints_and_keeps_those_of_others()
    {
        var node = A.Node(taints:
        [
            new() { Key = "node.kubernetes.io/unreachable", Effect = "NoExecute" },
            new() { Key = "dedicated", Value = "gpu", Effect = "NoSchedule" },
        ]);
        Assert.Equal("dedicated", Assert.Single(NodeTaints.Compute(node, node.Status.Conditions!, EvictionTaint.Keep, A.Noon)!).Key);
        Assert.Null(NodeTaints.Compute(A.Node(), A.Node().Status.Conditions!, EvictionTaint.Keep, A.Noon));
    }

    [Theory]
    // nodes, not ready, evictions a second in thousandths
    [InlineData(10, 1, 100)]
    [InlineData(10, 6, 0)]
    [InlineData(100, 60, 10)]
    [InlineData(10, 10, 0)]
    [InlineData(2, 1, 100)]
    public void Evictions_slow_down_or_stop_when_much_of_a_zone_is_gone(int nodes, int notReady, int expected)
    {
        var all = Enumerable.Range(0, nodes).Select(i => A.Node($"n{i}", ready: i >= notReady)).ToArray();
        var rate = Assert.Single(ZonePlan.Compute(all, Options).EvictionsPerSecond).Value;
        Assert.Equal(expected, (int)Math.Round(rate * 1000));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(300L, 300)]
    [InlineData(-1L, null)]
    public void A_pod_leaves_when_its_toleration_runs_out(long? tolerationSeconds, int? expected)
    {
        Toleration[] tolerations = tolerationSeconds switch
        {
            null => [],
            -1 => [new() { Key = "k", Operator = "Exists" }],
            _ => [new() { Key = "k", Operator = "Exists", TolerationSeconds = tolerationSeconds }],
        };
        var plan = TaintEvictionPlan.Compute([new() { Key = "k", Effect = "NoExecute", TimeAdded = A.Noon }], new() { Spec = new() { Tolerations = tolerations } }, A.Noon);
        Assert.Equal(expected is { } seconds ? A.Noon.AddSeconds(seconds) : null, plan.DeleteAt);
    }

    [Fact]
    public void Blocks_are_given_once_and_again_when_released()
    {
        var blocks = CidrBlocks.Parse("10.244.0.0/22", 24);
        blocks.Occupy("old", "10.244.1.0/24");
        Assert.Equal(["10.244.0.0/24", "10.244.2.0/24", "10.244.3.0/24", null], new[] { "a", "b", "c", "d" }.Select(blocks.Allocate));
        Assert.Equal("10.244.2.0/24", blocks.Allocate("b"));
        blocks.Release("old");
        Assert.Equal("10.244.1.0/24", blocks.Allocate("d"));
    }

    [Fact]
    public void Silence_is_measured_from_the_last_heartbeat_that_changed()
    {
        var clock = new ManualClock();
        var health = new NodeHealth(clock);
        health.SeeLease("n", new() { Spec = new() { RenewTime = A.Noon } });
        clock.Advance(TimeSpan.FromSeconds(30));
        health.SeeLease("n", new() { Spec = new() { RenewTime = A.Noon } });
        Assert.Equal(TimeSpan.FromSeconds(30), health.Silence("n"));
        health.SeeLease("n", new() { Spec = new() { RenewTime = A.Noon.AddSeconds(1) } });
        Assert.Equal(TimeSpan.Zero, health.Silence("n"));
    }
}
