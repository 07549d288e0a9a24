using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Pods;

public sealed class ContainerStartsTests
{
    private readonly ManualClock clock = new();

    [Theory]
    [InlineData(true, 20)]
    [InlineData(false, 100)]
    public async Task A_node_starts_so_many_containers_at_once_and_the_next_when_its_turn_comes(bool again, int burst)
    {
        var starts = new ContainerStarts(clock);
        for (var i = 0; i < burst; i++)
        {
            Assert.True(starts.WaitAsync(again, CancellationToken.None).IsCompletedSuccessfully);
        }

        var next = starts.WaitAsync(again, CancellationToken.None);
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    [Fact]
    public void Containers_that_crash_do_not_take_the_turn_of_new_ones()
    {
        var starts = new ContainerStarts(clock);
        for (var i = 0; i < 1000; i++)
        {
            _ = starts.WaitAsync(again: true, CancellationToken.None);
        }

        Assert.True(starts.WaitAsync(again: false, CancellationToken.None).IsCompletedSuccessfully);
    }
}
