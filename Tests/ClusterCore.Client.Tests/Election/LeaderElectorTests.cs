using Flotilla.ClusterCore.Client.Election;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Client.Tests.Election;

public sealed class LeaderElectorTests
{
    private readonly FakeApi api = new();
    private readonly ManualClock clock = new();

    [Fact]
    public async Task The_second_contender_leads_when_the_first_stops()
    {
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var leaders = new List<string>();
        var first = Run("one", leaders, stopFirst.Token);
        await Eventually.TrueAsync(() => leaders.Count == 1, "one leads");
        var second = Run("two", leaders, stopSecond.Token);
        await Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["one"], leaders);
        await stopFirst.CancelAsync();
        await first;
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return leaders.Count == 2;
            },
            "two leads");
        Assert.Equal(["one", "two"], leaders);
        Assert.Equal("two", api.Get(Kinds.Leases, "kube-system", "test")!.Spec.HolderIdentity);
        Assert.Equal(1, api.Get(Kinds.Leases, "kube-system", "test")!.Spec.LeaseTransitions);
        await stopSecond.CancelAsync();
        await second;
    }

    [Fact]
    public async Task A_dead_leader_is_replaced_within_twenty_seconds()
    {
        api.Put(Kinds.Leases, new ClusterCore.Client.Objects.Lease
        {
            Metadata = A.Meta("test", "kube-system"),
            Spec = new() { HolderIdentity = "dead", LeaseDurationSeconds = 15, RenewTime = A.Noon },
        });
        using var stop = new CancellationTokenSource();
        var leaders = new List<string>();
        var run = Run("heir", leaders, stop.Token);
        await Advance(TimeSpan.FromSeconds(14));
        Assert.Empty(leaders);
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(0.5));
                return leaders.Count == 1;
            },
            "the heir leads");
        Assert.InRange(clock.GetUtcNow() - A.Noon, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(40));
        await stop.CancelAsync();
        await run;
    }

    private Task Run(string identity, List<string> leaders, CancellationToken cancellationToken)
    {
        var options = new LeaderElectionOptions { LeaseName = "test", Identity = identity };
        return new LeaderElector(api.Client(), options, clock, NullLogger.Instance).RunAsync(
            async leading =>
            {
                leaders.Add(identity);
                await Task.Delay(Timeout.InfiniteTimeSpan, leading);
            },
            cancellationToken);
    }

    private async Task Advance(TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(1))
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
