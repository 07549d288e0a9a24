using System.Diagnostics;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.Robustness.Histories;
using Flotilla.TestKit;

namespace Flotilla.Robustness;

/// <summary>The etcd engine over three members, one of which is lost at a time.</summary>
public sealed class EtcdMembersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Losing_one_member_at_a_time_loses_no_write_and_stops_none_for_long(bool pause)
    {
        await using var etcd = await EtcdServer.StartAsync(members: 3);
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = etcd.Endpoints, AttemptTimeout = TimeSpan.FromSeconds(2) }, Cancellation);
        var traffic = new Traffic(seed: 3);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watching = Watching.FollowAsync(store, new(Watching.Everything, store.Revision + 1), stop.Token);
        var running = traffic.RunAsync(store, clients: 4, operations: int.MaxValue, stop.Token);
        for (var member = 0; member < 3; member++)
        {
            Lose(etcd, member, pause);
            await WritesGoOnAsync(traffic);
            GetBack(etcd, member, pause);
            await WritesGoOnAsync(traffic);
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        }

        var before = (await Watching.CollectAsync(store, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        await stop.CancelAsync();
        await IgnoreCancellationAsync(running);
        var all = (await Watching.CollectAsync(store, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        Assert.Equal(before.Select(StoreModel.Describe), all.Take(before.Count).Select(StoreModel.Describe));
        _ = Linearizability.Check(traffic.Operations, all);
        WatchGuarantees.Check(await watching, Watching.Everything, 2, all);
    }

    private static void Lose(EtcdServer etcd, int member, bool pause)
    {
        if (pause)
        {
            etcd.Pause(member);
        }
        else
        {
            etcd.Kill(member);
        }
    }

    private static void GetBack(EtcdServer etcd, int member, bool pause)
    {
        if (pause)
        {
            etcd.Resume(member);
        }
        else
        {
            etcd.Start(member);
        }
    }

    /// <summary>Within five seconds a write that began after now is acknowledged.</summary>
    private static async Task WritesGoOnAsync(Traffic traffic)
    {
        var now = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(
            () => traffic.Operations.Any(operation => operation.Called > now && operation.Changed), "writes go on", TimeSpan.FromSeconds(5));
    }

    private static async Task IgnoreCancellationAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
    }
}
