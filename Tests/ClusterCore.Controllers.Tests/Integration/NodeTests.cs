using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

[Collection<TimedCollection>]
public sealed class NodeTests(TimedCluster cluster) : IAsyncDisposable
{
    private const string OutOfService = """{"spec":{"taints":[{"key":"node.kubernetes.io/out-of-service","effect":"NoExecute"}]}}""";

    [Fact]
    public async Task A_silent_node_is_doubted_tainted_and_emptied_and_is_itself_again_when_it_speaks()
    {
        var ns = await cluster.NamespaceAsync();
        foreach (var name in (string[])["alive-0", "alive-1", "silent"]) { await cluster.JoinAsync(name); }
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 6, "nginx:1"));
        await cluster.PassUntilAsync(async () => (await RunningAsync(ns)).Count == 6, "all run");
        var stranded = (await RunningAsync(ns)).FindAll(pod => pod.Spec.NodeName == "silent");
        Assert.NotEmpty(stranded);

        await cluster.PassAsync(TimeSpan.FromSeconds(10));
        cluster.Silence("silent");
        await cluster.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("True", (await ReadyAsync("silent")).Status);
        await cluster.PassUntilAsync(async () => (await ReadyAsync("silent")).Status == "Unknown", "it is doubted");
        var doubted = await ReadyAsync("silent");
        Assert.Equal(("NodeStatusUnknown", "Kubelet stopped posting node status."), (doubted.Reason, doubted.Message));
        await cluster.PassUntilAsync(
            async () => (await TaintsAsync("silent")).SequenceEqual(["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]), "it is tainted");
        Assert.Equal("False", (await cluster.GetAsync(Kinds.Pods, ns, stranded[0].Metadata.Name))!.Status.Conditions!.Single(condition => condition.Type == "Ready").Status);

        // Five minutes are what a pod is given that says nothing of it.
        await cluster.PassAsync(TimeSpan.FromMinutes(4));
        Assert.Null((await cluster.GetAsync(Kinds.Pods, ns, stranded[0].Metadata.Name))!.Metadata.DeletionTimestamp);
        await cluster.PassUntilAsync(async () => (await RunningAsync(ns)).Count(pod => pod.Spec.NodeName != "silent") == 6, "others run in their place");
        var evicted = await cluster.GetAsync(Kinds.Pods, ns, stranded[0].Metadata.Name);
        Assert.NotNull(evicted!.Metadata.DeletionTimestamp);
        Assert.Contains(evicted.Status.Conditions!, condition => condition is { Type: "DisruptionTarget", Reason: "DeletionByTaintManager" });

        // Nobody confirms the end of what ran there, until somebody says that the node is dead.
        await cluster.MergeAsync(Kinds.Nodes, null, "silent", OutOfService);
        await cluster.PassUntilAsync(async () => await cluster.GetAsync(Kinds.Pods, ns, stranded[0].Metadata.Name) is null, "its pods are gone");
        await cluster.ReviveAsync(new(cluster.Client, "silent", cluster.Clock));
        await cluster.MergeAsync(Kinds.Nodes, null, "silent", """{"spec":{"taints":null}}""");
        await cluster.PassUntilAsync(async () => (await ReadyAsync("silent")).Status == "True" && (await TaintsAsync("silent")).Length == 0, "it is a node like others");
    }

    [Fact]
    public async Task Most_of_a_zone_silent_is_not_evicted_and_less_is_again()
    {
        string[] silent = ["zone-0", "zone-1", "zone-2"];
        foreach (var name in (string[])[.. silent, "zone-3"]) { await cluster.JoinAsync(name, "z"); }
        await cluster.JoinAsync("elsewhere", "y");
        foreach (var name in silent) { cluster.Silence(name); }
        await cluster.PassAsync(TimeSpan.FromSeconds(30));
        foreach (var name in silent)
        {
            await cluster.PassUntilAsync(async () => (await TaintsAsync(name)).Contains("node.kubernetes.io/unreachable:NoSchedule"), $"{name} takes no more");
        }
        await cluster.PassAsync(TimeSpan.FromMinutes(10));
        foreach (var name in silent) { Assert.DoesNotContain("node.kubernetes.io/unreachable:NoExecute", await TaintsAsync(name)); }

        await cluster.ReviveAsync(new(cluster.Client, "zone-0", cluster.Clock));
        foreach (var name in silent[1..])
        {
            await cluster.PassUntilAsync(async () => (await TaintsAsync(name)).Contains("node.kubernetes.io/unreachable:NoExecute"), $"{name} is emptied");
        }
    }

    [Fact]
    public async Task Where_no_node_speaks_none_is_emptied()
    {
        foreach (var name in (string[])["mute-0", "mute-1"])
        {
            await cluster.JoinAsync(name);
            cluster.Silence(name);
        }
        await cluster.PassUntilAsync(
            async () => (await TaintsAsync("mute-0")).Length > 0 && (await TaintsAsync("mute-1")).Length > 0, "both are doubted", TimeSpan.FromSeconds(10));
        await cluster.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(["node.kubernetes.io/unreachable:NoSchedule"], await TaintsAsync("mute-0"));
        Assert.Equal(["node.kubernetes.io/unreachable:NoSchedule"], await TaintsAsync("mute-1"));
    }

    [Fact]
    public async Task Pods_leave_a_tainted_node_when_what_they_tolerate_is_over()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.JoinAsync("tainted");
        await PodAsync(ns, "intolerant", "[]");
        await PodAsync(ns, "patient", """[{"key":"example.com/drain","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}]""");
        await PodAsync(ns, "reprieved", """[{"key":"example.com/drain","operator":"Exists","effect":"NoExecute","tolerationSeconds":600}]""");
        await PodAsync(ns, "stoic", """[{"key":"example.com/drain","operator":"Exists","effect":"NoExecute"}]""");
        await cluster.PassUntilAsync(async () => (await RunningAsync(ns)).Count == 4, "all run");

        await cluster.MergeAsync(Kinds.Nodes, null, "tainted", $$$"""
            {"spec":{"taints":[{"key":"example.com/drain","effect":"NoExecute","timeAdded":"{{{cluster.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}}}"}]}}
            """);
        await cluster.PassUntilAsync(async () => await cluster.GetAsync(Kinds.Pods, ns, "intolerant") is null, "who tolerates nothing goes at once", TimeSpan.FromMilliseconds(1));
        await cluster.PassAsync(TimeSpan.FromSeconds(40));
        Assert.NotNull(await cluster.GetAsync(Kinds.Pods, ns, "patient"));
        await cluster.PassUntilAsync(async () => await cluster.GetAsync(Kinds.Pods, ns, "patient") is null, "who tolerates a minute goes after it");
        await cluster.MergeAsync(Kinds.Nodes, null, "tainted", """{"spec":{"taints":null}}""");
        await cluster.PassUntilAsync(
            async () => (await cluster.ToldAsync(ns, "reprieved")).Contains($"TaintManagerEviction: Cancelling deletion of Pod {ns}/reprieved"), "who may stay is told");
        await cluster.PassAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(["reprieved", "stoic"], (await RunningAsync(ns)).Select(pod => pod.Metadata.Name).Order());
    }

    [Fact]
    public async Task Pods_whose_node_is_deleted_go_unless_it_comes_back()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.JoinAsync("leaving");
        await PodAsync(ns, "left", "[]");
        await cluster.PassUntilAsync(async () => (await RunningAsync(ns)).Count == 1, "it runs");
        await cluster.LeaveAsync("leaving");
        await cluster.PassAsync(TimeSpan.FromSeconds(30));
        Assert.NotNull(await cluster.GetAsync(Kinds.Pods, ns, "left"));
        await cluster.JoinAsync("leaving");
        await cluster.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Null((await cluster.GetAsync(Kinds.Pods, ns, "left"))!.Metadata.DeletionTimestamp);

        await cluster.LeaveAsync("leaving");
        await cluster.PassUntilAsync(async () => await cluster.GetAsync(Kinds.Pods, ns, "left") is null, "nobody else would collect it");
    }

    [Fact]
    public async Task Of_finished_pods_the_oldest_are_collected_beyond_the_limit()
    {
        var ns = await cluster.NamespaceAsync();
        for (var i = 0; i < TimedCluster.TerminatedPodLimit + 5; i++)
        {
            await cluster.CreateAsync(Kinds.Pods, ns, $$$"""{"metadata":{"name":"done-{{{i}}}"},"spec":{"containers":[{"name":"main","image":"nginx:1"}]}}""");
            await cluster.MergeStatusAsync(Kinds.Pods, ns, $"done-{i}", """{"status":{"phase":"Succeeded"}}""");
        }
        await cluster.PassUntilAsync(async () => (await cluster.ListAsync(Kinds.Pods, null)).Count(pod => pod.Status.Phase is "Succeeded" or "Failed") <= TimedCluster.TerminatedPodLimit, "the limit is kept");
        Assert.NotNull(await cluster.GetAsync(Kinds.Pods, ns, $"done-{TimedCluster.TerminatedPodLimit + 4}"));
        await cluster.DeleteAsync(Kinds.Namespaces, null, ns);
        await cluster.PassUntilAsync(async () => await cluster.GetAsync(Kinds.Namespaces, null, ns) is null, "the others go with their namespace");
    }

    [Fact]
    public async Task Traffic_is_led_by_the_zones_that_nodes_are_in()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.JoinAsync("here", "a");
        await cluster.CreateAsync(Kinds.Services, ns, """
            {"metadata":{"name":"web","annotations":{"service.kubernetes.io/topology-mode":"Auto"}},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}
            """);
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 4, "nginx:1"));
        await cluster.PassUntilAsync(
            async () => (await cluster.ToldAsync(ns, "web")).Contains("TopologyAwareHintsDisabled: Nodes only ready in one zone, addressType: IPv4"), "it says why it is not");
        await cluster.PassUntilAsync(async () => await MeantForAsync(ns) is ["", "", "", ""], "all are there");

        // A second zone, with as many CPUs and no endpoint.
        await cluster.JoinAsync("there", "b");
        await cluster.PassUntilAsync(async () => (await MeantForAsync(ns)).SequenceEqual(["a", "a", "b", "b"]), "half of the endpoints are meant for it");
        await cluster.PassUntilAsync(
            async () => (await cluster.ToldAsync(ns, "web")).Contains("TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4"), "it is told");
    }

    private async Task<string[]> MeantForAsync(string ns) => [.. (await cluster.ListAsync(Kinds.EndpointSlices, ns))
        .SelectMany(slice => slice.Endpoints ?? []).Select(endpoint => endpoint.Hints?.ForZones?[0].Name ?? "").Order()];

    [Fact]
    public async Task Each_node_has_a_block_of_addresses_of_its_own_and_leaves_it_to_the_next()
    {
        foreach (var name in (string[])["block-0", "block-1"]) { await cluster.JoinAsync(name); }
        await cluster.PassUntilAsync(async () => await BlockAsync("block-0") is not null && await BlockAsync("block-1") is not null, "both have one");
        var (first, second) = (await BlockAsync("block-0"), await BlockAsync("block-1"));
        Assert.NotEqual(first, second);
        Assert.All([first, second], block => Assert.Equal(24, IPNetwork.Parse(block!).PrefixLength));
        Assert.All([first, second], block => Assert.True(IPNetwork.Parse("10.244.0.0/16").Contains(IPNetwork.Parse(block!).BaseAddress)));
        var node = await cluster.GetAsync(Kinds.Nodes, null, "block-0");
        Assert.Equal([first!], node!.Spec.PodCIDRs!);

        await cluster.LeaveAsync("block-0");
        await cluster.JoinAsync("block-2");
        await cluster.PassUntilAsync(async () => await BlockAsync("block-2") is not null, "the newcomer has one");
        Assert.NotEqual(second, await BlockAsync("block-2"));
    }

    public async ValueTask DisposeAsync() => await cluster.LeaveAllAsync();

    private async Task<string?> BlockAsync(string node) => (await cluster.GetAsync(Kinds.Nodes, null, node))!.Spec.PodCIDR;

    private Task PodAsync(string ns, string name, string tolerations) => cluster.CreateAsync(Kinds.Pods, ns, $$$"""
        {"metadata":{"name":"{{{name}}}"},"spec":{"tolerations":{{{tolerations}}},"containers":[{"name":"main","image":"nginx:1"}]}}
        """);

    private async Task<List<Pod>> RunningAsync(string ns) =>
        (await cluster.ListAsync(Kinds.Pods, ns)).FindAll(pod => pod is { Status.Phase: "Running", Metadata.DeletionTimestamp: null });

    private async Task<NodeCondition> ReadyAsync(string node) =>
        (await cluster.GetAsync(Kinds.Nodes, null, node))!.Status.Conditions!.Single(condition => condition.Type == "Ready");

    private async Task<string[]> TaintsAsync(string node) =>
        [.. ((await cluster.GetAsync(Kinds.Nodes, null, node))!.Spec.Taints ?? []).Select(taint => $"{taint.Key}:{taint.Effect}")];
}
