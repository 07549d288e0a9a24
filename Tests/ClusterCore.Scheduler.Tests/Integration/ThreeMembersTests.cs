using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Integration;

/// <summary>Three members over one etcd; the one whose scheduler and controllers lead is killed.</summary>
public sealed class ThreeMembersTests
{
    private static readonly string[] Leases = ["kube-scheduler", "kube-controller-manager"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_dead_leader_is_replaced_within_twenty_seconds_and_nothing_is_done_twice()
    {
        await using var etcd = await EtcdServer.StartAsync();
        var store = string.Join(',', etcd.Endpoints);
        await using var first = await Member.StartAsync(null, "--etcd-servers", store);
        await Eventually.TrueAsync(() => Leases.All(lease => first.Says($"leads {lease}")), "the first member leads", Patience);
        await using var second = await Member.StartAsync(first, "--etcd-servers", store);
        await using var third = await Member.StartAsync(first, "--etcd-servers", store);
        await second.CreateNodeAsync("node-0");
        await second.CreateAsync(Kinds.ReplicaSets, "default", """
            {"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"tolerations":[{"operator":"Exists"}],"containers":[{"name":"c","image":"x"}]}}}}
            """);
        await second.WaitForBoundAsync(3);

        await first.KillAsync();
        (await second.Client.PatchAsync(Kinds.ReplicaSets, "default", "web", Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 6 } }), CancellationToken.None)).OrThrow();
        var before = await LeasesAsync(second);
        await second.WaitForBoundAsync(6);

        foreach (var (old, now) in before.Zip(await LeasesAsync(second)))
        {
            Assert.NotEqual(old.HolderIdentity, now.HolderIdentity);
            Assert.Equal(1, now.LeaseTransitions);
            Assert.InRange(now.AcquireTime!.Value - old.RenewTime!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        }
        // Each pod was made once, bound once and told of once; what the dead leader had not told yet died with it.
        await Eventually.TrueAsync(async () => (await ScheduledAsync(second)).Length >= 3, "the events are there", Patience);
        Assert.Equal(6, (await second.ListAsync(Kinds.Pods, "default")).Count);
        Assert.All((await ScheduledAsync(second)).CountBy(name => name), told => Assert.Equal(1, told.Value));
    }

    private static async Task<LeaseSpec[]> LeasesAsync(Member member)
    {
        var found = await member.ListAsync(Kinds.Leases, "kube-system");
        return Array.ConvertAll(Leases, name => found.Single(lease => lease.Metadata.Name == name).Spec);
    }

    private static async Task<string[]> ScheduledAsync(Member member) =>
        [.. (await member.ListAsync(Kinds.Events, "default")).Where(told => told.Reason == "Scheduled").SelectMany(told => Enumerable.Repeat(told.InvolvedObject!.Name!, told.Count))];
}
