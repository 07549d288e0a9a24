using System.Diagnostics;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.Robustness.Faults;
using Flotilla.Robustness.Histories;
using Flotilla.TestKit;

namespace Flotilla.Robustness;

/// <summary>The etcd engine over three members, one of which is lost at a time.</summary>
public sealed class EtcdMembersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(MemberFault.Killed), InlineData(MemberFault.Paused), InlineData(MemberFault.CutOff)]
    public async Task Losing_one_member_at_a_time_loses_no_write_and_stops_none_for_long(MemberFault fault)
    {
        await using var etcd = await EtcdServer.StartAsync(members: 3, ownNetworks: fault == MemberFault.CutOff);
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = etcd.Endpoints }, Cancellation);
        var traffic = new Traffic(seed: 3);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watching = Watching.FollowAsync(store, new(Watching.Everything, store.Revision + 1), stop.Token);
        var running = traffic.RunAsync(store, clients: 4, operations: int.MaxValue, stop.Token);
        for (var member = 0; member < 3; member++)
        {
            fault.Strike(etcd, member);
            await WritesGoOnAsync(traffic);
            _ = await Assert.ThrowsAsync<StoreUnavailableException>(() => ReachAsync(etcd.Endpoints[member], TimeSpan.Zero));
            fault.Heal(etcd, member);
            await WritesGoOnAsync(traffic);
            await ReachAsync(etcd.Endpoints[member], TimeSpan.FromMinutes(1));
        }

        var before = (await Watching.CollectAsync(store, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        await stop.CancelAsync();
        await IgnoreCancellationAsync(running);
        var all = (await Watching.CollectAsync(store, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        Assert.Equal(before.Select(StoreModel.Describe), all.Take(before.Count).Select(StoreModel.Describe));
        _ = Linearizability.Check(traffic.Operations, all);
        WatchGuarantees.Check(await watching, Watching.Everything, 2, all);
    }

    /// <summary>A write that began after now is acknowledged: within five seconds, where the machine has nothing else to do.</summary>
    private static async Task WritesGoOnAsync(Traffic traffic)
    {
        var now = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(
            () => traffic.Operations.Any(operation => operation.Called > now && operation.Changed), "writes go on", TimeSpan.FromSeconds(Stores.IsLongForm ? 5 : 20));
    }

    /// <summary>A member that answers a linearizable read knows all that was acknowledged: the next one may be lost.</summary>
    private static async Task ReachAsync(Uri member, TimeSpan within)
    {
        await using var alone = await EtcdStore.OpenAsync(
            new() { Endpoints = [member], RetryTimeout = within, AttemptTimeout = TimeSpan.FromSeconds(1) }, Cancellation);
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
