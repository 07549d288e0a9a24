using System.Diagnostics;
using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>Manifests that must not hurt a cluster: through each of them the API answers within a second.</summary>
public sealed class SafeByDefaultTests(ControlPlane cluster)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_thousand_replicas_that_never_start_leave_the_api_quick()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, NeverReady("crash", 1000));
        await QuickUntilAsync(async () => (await cluster.GetAsync(Kinds.Deployments, ns, "crash"))?.Status.Replicas == 1000, "a thousand pods are made");
        await cluster.Client.DeleteAsync(Kinds.Namespaces, null, ns, CancellationToken.None);
        await QuickUntilAsync(async () => await cluster.GetAsync(Kinds.Namespaces, null, ns) is null, "the namespace is gone");
    }

    [Fact]
    public async Task A_deployment_rolled_out_ten_times_while_never_ready_stays_within_its_surge()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, NeverReady("stuck", 10));
        for (var round = 0; round < 10; round++)
        {
            await cluster.MergeAsync(Kinds.Deployments, ns, "stuck", $$$"""{"spec":{"template":{"metadata":{"annotations":{"round":"{{{round}}}"} } } } }""");
            var sets = await cluster.ListAsync(Kinds.ReplicaSets, ns);
            Assert.InRange(sets.Sum(set => set.Spec.Replicas ?? 0), 0, 13);
        }
        await QuickUntilAsync(
            async () =>
            {
                var sets = await cluster.ListAsync(Kinds.ReplicaSets, ns);
                var last = sets.SingleOrDefault(set => set.Spec.Template!.ToNode()["metadata"]!["annotations"]?["round"]?.GetValue<string>() == "9");
                // Surge and unavailability together: five pods of the newest template may be on trial, and the rollout goes no further.
                return last?.Status.Replicas == 5 && (await cluster.ListAsync(Kinds.Pods, ns)).Count(pod => pod.Metadata.DeletionTimestamp is null) == 13;
            },
            "the last template is on trial");
    }

    [Fact]
    public async Task Two_controllers_with_one_selector_each_keep_their_own_pods()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ReplicaSets, ns, Selecting("one", 2));
        await cluster.CreateAsync(Kinds.ReplicaSets, ns, Selecting("two", 3));
        await QuickUntilAsync(
            async () =>
            {
                var owners = (await cluster.ListAsync(Kinds.Pods, ns)).CountBy(pod => pod.ControllerOwner()?.Name ?? "").ToDictionary();
                return owners.Count == 2 && owners["one"] == 2 && owners["two"] == 3;
            },
            "each has its own");
    }

    [Fact]
    public async Task A_circle_of_owners_is_deleted_like_anything_else()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ConfigMaps, ns, """{"metadata":{"name":"a"}}""");
        var a = await cluster.GetAsync(Kinds.ConfigMaps, ns, "a");
        await cluster.CreateAsync(Kinds.ConfigMaps, ns, Owned("b", "a", a!.Metadata.Uid!));
        var b = await cluster.GetAsync(Kinds.ConfigMaps, ns, "b");
        await cluster.MergeAsync(Kinds.ConfigMaps, ns, "a", Owned("a", "b", b!.Metadata.Uid!));
        await cluster.Client.DeleteAsync(Kinds.ConfigMaps, ns, "a", CancellationToken.None, new() { PropagationPolicy = "Foreground" });
        await QuickUntilAsync(
            async () => await cluster.GetAsync(Kinds.ConfigMaps, ns, "a") is null && await cluster.GetAsync(Kinds.ConfigMaps, ns, "b") is null,
            "both are gone");
    }

    [Fact]
    public async Task A_namespace_with_many_objects_goes()
    {
        var ns = await cluster.NamespaceAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            await cluster.CreateAsync(Kinds.ConfigMaps, ns, $$$"""{"metadata":{"name":"map-{{{i}}}"} }"""));
        await cluster.Client.DeleteAsync(Kinds.Namespaces, null, ns, CancellationToken.None);
        await QuickUntilAsync(async () => await cluster.GetAsync(Kinds.Namespaces, null, ns) is null, "the namespace is gone");
    }

    /// <summary>Waits, and asks the API for something small all the while: 99 of 100 answers must come within a second.</summary>
    private async Task QuickUntilAsync(Func<Task<bool>> condition, string what)
    {
        var answers = new List<TimeSpan>();
        await Eventually.TrueAsync(
            async () =>
            {
                var watch = Stopwatch.StartNew();
                await cluster.GetAsync(Kinds.Namespaces, null, "default");
                answers.Add(watch.Elapsed);
                return await condition();
            },
            what,
            Patience);
        Assert.InRange(answers.Order().ElementAt((int)(answers.Count * 0.99)), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private static string NeverReady(string name, int replicas) => $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"replicas":{{{{replicas}}}},"selector":{"matchLabels":{"app":"{{{{name}}}}"} },
         "template":{"metadata":{"labels":{"app":"{{{{name}}}}","end":"never-starts"} },
         "spec":{"containers":[{"name":"main","image":"none","imagePullPolicy":"Always"}]} } } }
        """;

    private static string Selecting(string name, int replicas) => $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"replicas":{{{{replicas}}}},"selector":{"matchLabels":{"app":"same"} },
         "template":{"metadata":{"labels":{"app":"same"} },"spec":{"containers":[{"name":"main","image":"nginx"}]} } } }
        """;

    private static string Owned(string name, string owner, string uid) => $$$$"""
        {"metadata":{"name":"{{{{name}}}}","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"{{{{owner}}}}","uid":"{{{{uid}}}}","blockOwnerDeletion":true}]} }
        """;
}
