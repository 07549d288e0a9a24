using Flotilla.NodeAgent.Kubelet.Simulation;

namespace Flotilla.NodeAgent.Kubelet.Tests.Simulation;

public sealed class SimulatedHeartbeatsTests
{
    [Theory, InlineData(1), InlineData(99), InlineData(5000)]
    public void Every_node_has_one_turn_in_an_interval_and_none_is_crowded(int nodes)
    {
        var turns = Enumerable.Range(0, SimulatedHeartbeats.TicksPerInterval).Select(tick => SimulatedHeartbeats.Turn(nodes, tick).ToList()).ToList();
        Assert.Equal(Enumerable.Range(0, nodes), turns.SelectMany(turn => turn).Order());
        Assert.InRange(turns.Max(turn => turn.Count) - turns.Min(turn => turn.Count), 0, 1);
    }
}
