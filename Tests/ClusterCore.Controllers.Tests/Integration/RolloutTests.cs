using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>How deployments and stateful sets come from one template to the next.</summary>
public sealed class RolloutTests(ControlPlane cluster)
{
    private const string Held = "example.com/held";

    [Fact]
    public async Task Recreating_waits_until_the_last_old_pod_is_gone()
    {
        var deployment = JsonNode.Parse(Manifests.Deployment("web", 2, "nginx:1"))!;
        deployment["spec"]!["strategy"] = new JsonObject { ["type"] = "Recreate" };
        deployment["spec"]!["template"]!["metadata"]!["finalizers"] = new JsonArray(Held);
        var ns = await DeployAsync(deployment.ToJsonString(), 2);
        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"template":{"metadata":{"labels":{"version":"2"},"finalizers":null}}}}""");
        await Eventually.TrueAsync(
            async () => (await cluster.ListAsync(Kinds.Pods, ns)).TrueForAll(pod => pod.Metadata.DeletionTimestamp is not null)
                && (await FindAsync(ns)).Status is { ObservedGeneration: 2, Replicas: 0 },
            "the old pods are on their way out");
        Assert.Single(await cluster.ListAsync(Kinds.ReplicaSets, ns));

        foreach (var pod in await cluster.ListAsync(Kinds.Pods, ns))
        {
            Assert.Single(await cluster.ListAsync(Kinds.ReplicaSets, ns));
            await cluster.MergeAsync(Kinds.Pods, ns, pod.Metadata.Name, """{"metadata":{"finalizers":null}}""");
        }
        await Eventually.TrueAsync(async () => (await FindAsync(ns)).Status is { UpdatedReplicas: 2, AvailableReplicas: 2, Replicas: 2 }, "the new ones run");
    }

    [Fact]
    public async Task A_paused_deployment_rolls_out_what_was_changed_when_it_is_resumed()
    {
        var ns = await DeployAsync(Manifests.Deployment("web", 2, "nginx:1"), 2);
        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"paused":true,"replicas":3,"template":{"metadata":{"labels":{"version":"2"}}}}}""");
        await Eventually.TrueAsync(
            async () => (await FindAsync(ns)).Status is { ObservedGeneration: 2, Replicas: 3 } status
                && status.Conditions!.Any(condition => condition is { Type: "Progressing", Status: "Unknown", Reason: "DeploymentPaused" }),
            "it is paused, and scaled all the same");
        Assert.Single(await cluster.ListAsync(Kinds.ReplicaSets, ns));

        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"paused":false}}""");
        await Eventually.TrueAsync(async () => (await FindAsync(ns)).Status is { UpdatedReplicas: 3, AvailableReplicas: 3, Replicas: 3 }, "it has rolled out");
    }

    [Fact]
    public async Task A_template_that_is_put_back_is_its_old_replica_set_again()
    {
        var ns = await DeployAsync(Manifests.Deployment("web", 2, "nginx:1"), 2);
        var first = Assert.Single(await cluster.ListAsync(Kinds.ReplicaSets, ns)).Metadata.Name;
        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"template":{"metadata":{"labels":{"version":"2"}}}}}""");
        await CompleteAsync(ns, "2");
        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"template":{"metadata":{"labels":{"version":null}}}}}""");
        await CompleteAsync(ns, "3");
        var sets = await cluster.ListAsync(Kinds.ReplicaSets, ns);
        Assert.Equal(2, sets.Count);
        var again = sets.Single(set => set.Metadata.Name == first);
        Assert.Equal(
            (2, "3", "1"),
            (again.Spec.Replicas ?? 0, again.Metadata.Annotations!["deployment.kubernetes.io/revision"], again.Metadata.Annotations["deployment.kubernetes.io/revision-history"]));
    }

    [Fact]
    public async Task Old_clients_roll_back_by_an_annotation()
    {
        var ns = await DeployAsync(Manifests.Deployment("web", 1, "nginx:1"), 1);
        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"template":{"metadata":{"labels":{"version":"2"}}}}}""");
        await CompleteAsync(ns, "2");
        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"metadata":{"annotations":{"deprecated.deployment.rollback.to":"1"}}}""");
        await CompleteAsync(ns, "3");
        var deployment = await FindAsync(ns);
        Assert.DoesNotContain("deprecated.deployment.rollback.to", deployment.Metadata.Annotations!.Keys);
        Assert.Null(deployment.Spec.Template!.ToNode()["metadata"]!["labels"]!["version"]);
        await Eventually.TrueAsync(
            async () => (await cluster.ToldAsync(ns, "web")).Contains("DeploymentRollback: Rolled back deployment \"web\" to revision 1"), "it is told");
    }

    [Fact]
    public async Task A_stateful_set_is_updated_down_to_its_partition()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.StatefulSets, ns, Manifests.StatefulSet("db", 3));
        await SetIsAsync(ns, status => status.AvailableReplicas == 3);
        await cluster.MergeAsync(Kinds.StatefulSets, ns, "db", """
            {"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}},"template":{"metadata":{"labels":{"version":"2"}}}}}
            """);
        await SetIsAsync(ns, status => status is { UpdatedReplicas: 1, CurrentReplicas: 2, AvailableReplicas: 3 } && status.CurrentRevision != status.UpdateRevision);
        Assert.Equal(["db-2"], await UpdatedAsync(ns));

        // Below the partition an old pod comes back as it was.
        await cluster.DeleteAsync(Kinds.Pods, ns, "db-0");
        await SetIsAsync(ns, status => status is { UpdatedReplicas: 1, CurrentReplicas: 2, AvailableReplicas: 3 });
        Assert.Equal(["db-2"], await UpdatedAsync(ns));

        await cluster.MergeAsync(Kinds.StatefulSets, ns, "db", """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}""");
        await SetIsAsync(ns, status => status is { UpdatedReplicas: 3, AvailableReplicas: 3 } && status.CurrentRevision == status.UpdateRevision);
        Assert.Equal(["db-0", "db-1", "db-2"], await UpdatedAsync(ns));
    }

    [Fact]
    public async Task A_parallel_stateful_set_waits_for_nobody_and_counts_from_its_first_ordinal()
    {
        var ns = await cluster.NamespaceAsync();
        var set = JsonNode.Parse(Manifests.StatefulSet("db", 3))!;
        set["spec"]!["podManagementPolicy"] = "Parallel";
        set["spec"]!["ordinals"] = new JsonObject { ["start"] = 5 };
        set["spec"]!["template"]!["metadata"]!["labels"]!["end"] = SimulatedNode.ByHand;
        await cluster.CreateAsync(Kinds.StatefulSets, ns, set.ToJsonString());
        await Eventually.TrueAsync(async () => (await cluster.ListAsync(Kinds.Pods, ns)).Count == 3, "all are made, though none is ready");
        var pods = (await cluster.ListAsync(Kinds.Pods, ns)).OrderBy(pod => pod.Metadata.Name).ToArray();
        Assert.Equal(["db-5", "db-6", "db-7"], pods.Select(pod => pod.Metadata.Name));
        Assert.Equal(["5", "6", "7"], pods.Select(pod => pod.Metadata.Labels!["apps.kubernetes.io/pod-index"]));
        Assert.Equal("db-5", pods[0].Metadata.Labels!["statefulset.kubernetes.io/pod-name"]);
    }

    private async Task<string> DeployAsync(string manifest, int replicas)
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, manifest);
        await Eventually.TrueAsync(async () => (await FindAsync(ns)).Status.AvailableReplicas == replicas, "it is available");
        return ns;
    }

    private async Task CompleteAsync(string ns, string revision) => await Eventually.TrueAsync(
        async () => await FindAsync(ns) is var found && found.Metadata.Annotations!["deployment.kubernetes.io/revision"] == revision
            && found.Status is var status && status.ObservedGeneration == found.Metadata.Generation && status.UpdatedReplicas == status.Replicas
            && status.AvailableReplicas == found.Spec.Replicas && status.Replicas == found.Spec.Replicas,
        $"revision {revision} is complete");

    private async Task<Deployment> FindAsync(string ns) => (await cluster.GetAsync(Kinds.Deployments, ns, "web"))!;

    private Task SetIsAsync(string ns, Func<StatefulSetStatus, bool> isSo) => Eventually.TrueAsync(
        async () => await cluster.GetAsync(Kinds.StatefulSets, ns, "db") is { } found && found.Status.ObservedGeneration == found.Metadata.Generation && isSo(found.Status),
        "the set is as wanted");

    private async Task<string[]> UpdatedAsync(string ns) => [.. (await cluster.ListAsync(Kinds.Pods, ns))
        .Where(pod => pod.Metadata.Labels!.ContainsKey("version")).Select(pod => pod.Metadata.Name).Order()];
}
