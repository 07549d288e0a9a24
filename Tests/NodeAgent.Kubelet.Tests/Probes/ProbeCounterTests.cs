using Flotilla.NodeAgent.Kubelet.Probes;

namespace Flotilla.NodeAgent.Kubelet.Tests.Probes;

public sealed class ProbeCounterTests
{
    [Theory]
    [InlineData("+", false, 1, 3, true)]
    [InlineData("--", true, 1, 3, true)]
    [InlineData("---", true, 1, 3, false)]
    [InlineData("--+--", true, 1, 3, true)]
    [InlineData("+", false, 2, 3, false)]
    [InlineData("++", false, 2, 3, true)]
    [InlineData("+-+", false, 2, 3, false)]
    public void Only_results_in_a_row_reach_a_threshold(string results, bool initial, int success, int failure, bool healthy)
    {
        var counter = new ProbeCounter(new() { SuccessThreshold = success, FailureThreshold = failure }, initial);
        foreach (var result in results)
        {
            counter.Add(result == '+');
        }

        Assert.Equal(healthy, counter.Healthy);
    }
}
