using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>Updates of daemons on three nodes, whose new pods get ready when the test says so.</summary>
[Collection<TimedCollection>]
public sealed class DaemonSetTests(TimedCluster cluster) : IAsyncDisposable
{
    private const string NewTemplate = $$$"""{"spec":{"template":{"metadata":{"labels":{"end":"{{{SimulatedNode.ByHand}}}"} } } } }""";
    private static readonly string[] Nodes = ["daemon-0", "daemon-1", "daemon-2"];

    [Fact]
    public async Task A_rolling_update_takes_down_as_many_as_may_be_unavailable()
    {
        var ns = await RunningAsync("""{"rollingUpdate":{"maxUnavailable":1}}""");
        await cluster.MergeAsync(Kinds.DaemonSets, ns, "agent", NewTemplate);
        for (var updated = 1; updated <= Nodes.Length; updated++)
        {
            await cluster.PassUntilAsync(async () => (await PodsAsync(ns)) is { Count: 3 } pods && pods.Count(IsNew) == updated, $"{updated} are new");
            await cluster.PassAsync(TimeSpan.FromMinutes(5));
            var pods = await PodsAsync(ns);
            Assert.Equal((3, updated), (pods.Count, pods.Count(IsNew)));
            await ReadyAsync(pods.Single(pod => pod.Status.Phase == "Pending"));
        }
        await DoneAsync(ns);
    }

    [Fact]
    public async Task A_surging_update_takes_none_down_before_another_is_ready_beside_it()
    {
        var ns = await RunningAsync("""{"rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}""");
        await cluster.MergeAsync(Kinds.DaemonSets, ns, "agent", NewTemplate);
        for (var updated = 1; updated <= Nodes.Length; updated++)
        {
            await cluster.PassUntilAsync(async () => (await PodsAsync(ns)) is { Count: 4 } pods && pods.Count(IsNew) == updated, $"{updated} are new");
            await cluster.PassAsync(TimeSpan.FromMinutes(5));
            var pods = await PodsAsync(ns);
            Assert.Equal((4, updated), (pods.Count, pods.Count(IsNew)));
            await ReadyAsync(pods.Single(pod => pod.Status.Phase == "Pending"));
        }
        await DoneAsync(ns);
    }

    [Fact]
    public async Task On_delete_nothing_is_updated_but_what_somebody_deletes()
    {
        var ns = await RunningAsync("""{"type":"OnDelete"}""");
        await cluster.MergeAsync(Kinds.DaemonSets, ns, "agent", NewTemplate);
        await cluster.PassAsync(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(await PodsAsync(ns), IsNew);
        foreach (var pod in await PodsAsync(ns))
        {
            await cluster.DeleteAsync(Kinds.Pods, ns, pod.Metadata.Name);
            await cluster.PassUntilAsync(async () => (await PodsAsync(ns)).Find(one => IsNew(one) && one.Status.Phase == "Pending") is not null, "a new one is made");
            await ReadyAsync((await PodsAsync(ns)).Single(one => one.Status.Phase == "Pending"));
        }
        await DoneAsync(ns);
    }

    public async ValueTask DisposeAsync() => await cluster.LeaveAllAsync();

    private async Task<string> RunningAsync(string updateStrategy)
    {
        var ns = await cluster.NamespaceAsync();
        foreach (var name in Nodes) { await cluster.JoinAsync(name); }
        await cluster.CreateAsync(Kinds.DaemonSets, ns, Manifests.DaemonSet("agent", updateStrategy));
        await cluster.PassUntilAsync(async () => (await cluster.GetAsync(Kinds.DaemonSets, ns, "agent"))!.Status is { NumberAvailable: 3, UpdatedNumberScheduled: 3 }, "all run");
        return ns;
    }

    private async Task DoneAsync(string ns)
    {
        await cluster.PassUntilAsync(
            async () => (await PodsAsync(ns)).TrueForAll(IsNew) && (await cluster.GetAsync(Kinds.DaemonSets, ns, "agent"))!.Status is { NumberAvailable: 3, UpdatedNumberScheduled: 3 },
            "all are new");
        Assert.Equal(Nodes, (await PodsAsync(ns)).Select(pod => pod.Spec.NodeName!).Order());
    }

    private Task ReadyAsync(Pod pod)
    {
        var now = $"{cluster.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}";
        return cluster.MergeStatusAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, $$$$"""
            {"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"{{{{now}}}}"}]}}
            """);
    }

    private Task<List<Pod>> PodsAsync(string ns) => cluster.ListAsync(Kinds.Pods, ns);

    private static bool IsNew(Pod pod) => pod.Metadata.Labels?.ContainsKey("end") == true;
}
