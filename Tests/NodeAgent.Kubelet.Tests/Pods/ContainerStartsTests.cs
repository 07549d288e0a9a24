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
        using var starts = new ContainerStarts(2, clock);
        for (var i = 0; i < burst; i++)
        {
            (await AtOnce(starts.TurnAsync(again, CancellationToken.None))).Dispose();
        }

        var next = starts.TurnAsync(again, CancellationToken.None);
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 16)]
    public async Task No_more_start_side_by_side_than_the_cores_can_do(bool again, int most)
    {
        using var starts = new ContainerStarts(2, clock);
        var turns = await Task.WhenAll(Enumerable.Range(0, most).Select(_ => AtOnce(starts.TurnAsync(again, CancellationToken.None))));

        var next = starts.TurnAsync(again, CancellationToken.None);
        Assert.False(next.IsCompleted);
        turns[0].Dispose();
        turns[0].Dispose();
        await next;
        Assert.False(starts.TurnAsync(again, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_turn()
    {
        using var starts = new ContainerStarts(1, clock);
        var turn = await AtOnce(starts.TurnAsync(again: true, CancellationToken.None));
        using var ended = new CancellationTokenSource();
        var waiting = starts.TurnAsync(again: true, ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        turn.Dispose();
        (await AtOnce(starts.TurnAsync(again: true, CancellationToken.None))).Dispose();
    }

    [Fact]
    public async Task Containers_that_crash_do_not_take_the_turn_of_new_ones()
    {
        using var starts = new ContainerStarts(2, clock);
        for (var i = 0; i < 1000; i++)
        {
            _ = starts.TurnAsync(again: true, CancellationToken.None);
        }

        (await AtOnce(starts.TurnAsync(again: false, CancellationToken.None))).Dispose();
    }

    private static Task<IDisposable> AtOnce(Task<IDisposable> turn)
    {
        Assert.True(turn.IsCompletedSuccessfully);
        return turn;
    }
}
