using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Integration;

/// <summary>Where pods go, decided by the whole control plane.</summary>
public sealed class PlacementTests(PlacementServer cluster) : IClassFixture<PlacementServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Who_is_more_important_drives_away_whom_no_budget_keeps()
    {
        await cluster.CreateNodesAsync("preemption", ["a", "b"], cpu: "2");
        await cluster.CreatePodAsync("preemption", "guarded", "guarded", cpu: "2", spec: """ "priorityClassName":"low" """);
        await cluster.CreatePodAsync("preemption", "free", "free", cpu: "2", spec: """ "priorityClassName":"middle" """);
        var taken = await cluster.NodesOfAsync("guarded", "free");
        await cluster.CreateAsync(Kinds.PodDisruptionBudgets, """{"metadata":{"name":"guard"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"guarded"}}}}""");
        await Eventually.TrueAsync(
            async () => (await cluster.Client.GetAsync(Kinds.PodDisruptionBudgets, "default", "guard", CancellationToken.None)).Value?.Status?.ExpectedPods == 1, "the budget is counted", Patience);

        await cluster.CreatePodAsync("preemption", "urgent", cpu: "2", spec: """ "priorityClassName":"high" """);
        // Without the budget the least important would have gone.
        Assert.Equal([taken[1]], await cluster.NodesOfAsync("urgent"));
        Assert.Null(await cluster.FindPodAsync("free"));
        Assert.Null((await cluster.FindPodAsync("guarded"))!.Metadata.DeletionTimestamp);
        var urgent = (await cluster.FindPodAsync("urgent"))!;
        await Eventually.TrueAsync(
            async () => (await EventsAsync("Preempted")) is [var told] && told == $"free: Preempted by pod {urgent.Metadata.Uid} on node {taken[1]}", "the victim is told by whom", Patience);
    }

    [Fact]
    public async Task Pods_go_near_to_some_and_away_from_others()
    {
        await cluster.CreateNodesAsync("affinity", ["a", "a", "b"]);
        await cluster.CreatePodAsync("affinity", "db", "db", spec: """ "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]}]}}} """);
        await cluster.NodesOfAsync("db");
        const string nearDbAwayFromEachOther = """
            "affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"db"}}}]},
             "podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"near"}}}]}}
            """;
        await cluster.CreatePodAsync("affinity", "near-0", "near", spec: nearDbAwayFromEachOther);
        await cluster.CreatePodAsync("affinity", "near-1", "near", spec: nearDbAwayFromEachOther);
        Assert.Equal(["affinity-0", "affinity-1"], (await cluster.NodesOfAsync("near-0", "near-1")).Order());
        await cluster.CreatePodAsync("affinity", "near-2", "near", spec: nearDbAwayFromEachOther);
        await cluster.WaitForConditionAsync("near-2", told => Says(told, "1 node(s) didn't match pod affinity rules") && Says(told, "2 node(s) didn't match pod anti-affinity rules"), "the third has nowhere to go");

        // Room for one more: the event wakes the one that waits.
        (await cluster.Client.DeleteAsync(Kinds.Pods, "default", "near-0", CancellationToken.None)).OrThrow();
        Assert.Equal(["affinity-0", "affinity-1"], (await cluster.NodesOfAsync("near-1", "near-2")).Order());
    }

    [Fact]
    public async Task Pods_of_one_selection_are_spread_over_the_zones()
    {
        await cluster.CreateNodesAsync("spread", ["a", "a", "a", "b", "b", "c"]);
        string[] names = [.. Enumerable.Range(0, 6).Select(index => $"spread-{index}")];
        foreach (var name in names)
        {
            await cluster.CreatePodAsync("spread", name, "spread", spec: """ "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"spread"}}}] """);
        }
        var perZone = (await cluster.NodesOfAsync(names)).CountBy(node => node switch { "spread-0" or "spread-1" or "spread-2" => "a", "spread-3" or "spread-4" => "b", _ => "c" });
        Assert.Equal([("a", 2), ("b", 2), ("c", 2)], perZone.Select(zone => (zone.Key, zone.Value)).Order());
    }

    [Fact]
    public async Task Pods_of_a_service_are_spread_over_the_nodes_though_they_do_not_say_so()
    {
        await cluster.CreateNodesAsync("service", ["a", "a", "a", "a", "a"]);
        await cluster.CreateAsync(Kinds.Services, """{"metadata":{"name":"shop"},"spec":{"selector":{"app":"shop"},"ports":[{"port":80}]}}""");
        string[] names = [.. Enumerable.Range(0, 5).Select(index => $"shop-{index}")];
        // One after the other; whom a pod stands beside is all that this profile asks.
        foreach (var name in names)
        {
            await cluster.CreatePodAsync("service", name, "shop", spec: """ "schedulerName":"spreader" """);
            await cluster.NodesOfAsync(name);
        }
        Assert.Equal(5, (await cluster.NodesOfAsync(names)).Distinct().Count());
    }

    [Fact]
    public async Task A_volume_is_made_where_its_pod_goes_and_draws_others_there()
    {
        await cluster.CreateNodesAsync("local", ["a", "b", "c"]);
        await cluster.CreateAsync(Kinds.PersistentVolumeClaims, """{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
        const string mounting = """ "volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}] """;
        await cluster.CreatePodAsync("local", "writer", spec: mounting);
        var node = (await cluster.NodesOfAsync("writer"))[0];
        var claim = (await cluster.Client.GetAsync(Kinds.PersistentVolumeClaims, "default", "data", CancellationToken.None)).OrThrow();
        Assert.Equal(("Bound", node), (claim.Status!.Phase, claim.Metadata.Annotations!["volume.kubernetes.io/selected-node"]));
        var volume = (await cluster.Client.GetAsync(Kinds.PersistentVolumes, null, claim.Spec.VolumeName!, CancellationToken.None)).OrThrow();
        Assert.Equal([node], volume.Spec.NodeAffinity!.Required!.NodeSelectorTerms![0].MatchExpressions![0].Values!);

        string[] readers = [.. Enumerable.Range(0, 4).Select(index => $"reader-{index}")];
        foreach (var reader in readers) { await cluster.CreatePodAsync("local", reader, spec: mounting); }
        Assert.All(await cluster.NodesOfAsync(readers), other => Assert.Equal(node, other));
    }

    [Fact]
    public async Task A_volume_there_is_draws_the_pod_to_its_node()
    {
        await cluster.CreateNodesAsync("static", ["a", "b", "c"]);
        await cluster.CreateAsync(Kinds.StorageClasses, """{"metadata":{"name":"static"},"provisioner":"kubernetes.io/no-provisioner","volumeBindingMode":"WaitForFirstConsumer"}""");
        await cluster.CreateAsync(Kinds.PersistentVolumes, """
            {"metadata":{"name":"disk"},"spec":{"storageClassName":"static","capacity":{"storage":"5Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":"/disk"},
             "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["static-1"]}]}]}}}}
            """);
        await cluster.CreateAsync(Kinds.PersistentVolumeClaims, """{"metadata":{"name":"kept"},"spec":{"storageClassName":"static","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
        await cluster.CreatePodAsync("static", "keeper", spec: """ "volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"kept"}}] """);
        Assert.Equal(["static-1"], await cluster.NodesOfAsync("keeper"));
        Assert.Equal("disk", (await cluster.Client.GetAsync(Kinds.PersistentVolumeClaims, "default", "kept", CancellationToken.None)).OrThrow().Spec.VolumeName);
    }

    [Fact]
    public async Task A_gated_pod_waits_for_its_last_gate()
    {
        await cluster.CreateNodesAsync("gates", ["a"]);
        await cluster.CreatePodAsync("gates", "gated", spec: """ "schedulingGates":[{"name":"example.com/quota"},{"name":"example.com/budget"}] """);
        await cluster.WaitForConditionAsync("gated", told => told is { Status: "False", Reason: "SchedulingGated" }, "it says that it is gated");
        await cluster.MergeAsync(Kinds.Pods, "gated", """{"spec":{"schedulingGates":[{"name":"example.com/budget"}]}}""");
        await cluster.CreatePodAsync("gates", "later");
        await cluster.NodesOfAsync("later");
        Assert.Null((await cluster.FindPodAsync("gated"))!.Spec.NodeName);
        await cluster.MergeAsync(Kinds.Pods, "gated", """{"spec":{"schedulingGates":null}}""");
        Assert.Equal(["gates-0"], await cluster.NodesOfAsync("gated"));
    }

    [Theory, InlineData("packer", "profiles-0"), InlineData("roomy", "profiles-1"), InlineData("wishful", "profiles-0")]
    public async Task Profiles_and_weights_of_the_file_choose_the_node(string scheduler, string expected)
    {
        if (await cluster.FindPodAsync("half") is null)
        {
            await cluster.CreateNodesAsync("profiles", ["a", "b"]);
            await cluster.CreatePodAsync("profiles", "half", cpu: "8", spec: """ "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]}]}}} """);
            await cluster.NodesOfAsync("half");
        }
        // Half of the first node is used; the pod would rather be there.
        await cluster.CreatePodAsync("profiles", scheduler, spec: $$$"""
            "schedulerName":"{{{scheduler}}}",
            "affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]}}]}}
            """);
        Assert.Equal([expected], await cluster.NodesOfAsync(scheduler));
        await Eventually.TrueAsync(async () => (await EventsAsync("Scheduled", scheduler)).Contains($"{scheduler}: Successfully assigned default/{scheduler} to {expected}"), "its scheduler tells", Patience);
    }

    [Fact]
    public async Task A_pod_of_a_scheduler_that_is_not_there_is_nobodys()
    {
        await cluster.CreateNodesAsync("nobody", ["a"]);
        await cluster.CreatePodAsync("nobody", "orphan", spec: """ "schedulerName":"elsewhere" """);
        await cluster.CreatePodAsync("nobody", "ordinary");
        await cluster.NodesOfAsync("ordinary");
        var orphan = (await cluster.FindPodAsync("orphan"))!;
        Assert.Equal((null, null), (orphan.Spec.NodeName, orphan.Status.Conditions?.FirstOrDefault(one => one.Type == "PodScheduled")));
    }

    private static bool Says(PodCondition condition, string text) => condition.Message?.Contains(text, StringComparison.Ordinal) == true;

    private async Task<string[]> EventsAsync(string reason, string? source = null) =>
        [.. (await cluster.Client.ListAsync(Kinds.Events, "default", CancellationToken.None)).OrThrow().Items
            .Where(told => told.Reason == reason && (source is null || told.Source!.Component == source)).Select(told => $"{told.InvolvedObject!.Name}: {told.Message}")];
}
