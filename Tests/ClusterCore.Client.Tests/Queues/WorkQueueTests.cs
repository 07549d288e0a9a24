using Flotilla.ClusterCore.Client.Queues;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Client.Tests.Queues;

public sealed class WorkQueueTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public async Task A_key_added_twice_is_taken_once()
    {
        using var queue = new WorkQueue<string>(clock: clock);
        queue.Add("a");
        queue.Add("a");
        Assert.Equal("a", await queue.TakeAsync(CancellationToken.None));
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public void A_key_added_while_worked_on_comes_after_it_is_done()
    {
        using var queue = new WorkQueue<string>(clock: clock);
        queue.Add("a");
        Assert.True(queue.TryTake(out _));
        queue.Add("a");
        Assert.False(queue.TryTake(out _));
        queue.Done("a");
        Assert.True(queue.TryTake(out _));
    }

    [Fact]
    public void Of_two_delays_the_shorter_counts_and_the_key_comes_once()
    {
        using var queue = new WorkQueue<string>(clock: clock);
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(2));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, queue.Count);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(queue.TryTake(out _));
        queue.Done("a");
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_failing_key_waits_twice_as_long_each_time_until_forgotten()
    {
        using var queue = new WorkQueue<string>(new() { FirstRetry = TimeSpan.FromSeconds(1) }, clock);
        Assert.Equal(TimeSpan.FromSeconds(1), Wait(queue));
        Assert.Equal(TimeSpan.FromSeconds(2), Wait(queue));
        Assert.Equal(TimeSpan.FromSeconds(4), Wait(queue));
        queue.Forget("a");
        Assert.Equal(TimeSpan.FromSeconds(1), Wait(queue));
    }

    private TimeSpan Wait(WorkQueue<string> queue)
    {
        var start = clock.GetUtcNow();
        queue.AddRateLimited("a");
        while (queue.Count == 0)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(queue.TryTake(out _));
        queue.Done("a");
        return clock.GetUtcNow() - start;
    }
}
