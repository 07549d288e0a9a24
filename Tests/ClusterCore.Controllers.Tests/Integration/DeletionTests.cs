using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

public sealed class DeletionTests(ControlPlane cluster)
{
    [Fact]
    public async Task In_the_background_dependents_go_after_their_owner()
    {
        var ns = await DeploymentAsync();
        await cluster.Client.DeleteAsync(Kinds.Deployments, ns, "web", CancellationToken.None, new() { PropagationPolicy = "Background" });
        await Eventually.TrueAsync(
            async () => (await cluster.ListAsync(Kinds.ReplicaSets, ns)).Count == 0 && (await cluster.ListAsync(Kinds.Pods, ns)).Count == 0,
            "replica sets and pods are gone");
    }

    [Fact]
    public async Task In_the_foreground_the_owner_goes_last()
    {
        var ns = await DeploymentAsync();
        await cluster.Client.DeleteAsync(Kinds.Deployments, ns, "web", CancellationToken.None, new() { PropagationPolicy = "Foreground" });
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.Deployments, ns, "web") is null, "the deployment is gone");
        Assert.Empty(await cluster.ListAsync(Kinds.ReplicaSets, ns));
    }

    [Fact]
    public async Task Orphans_stay_without_an_owner()
    {
        var ns = await DeploymentAsync();
        await cluster.Client.DeleteAsync(Kinds.Deployments, ns, "web", CancellationToken.None, new() { PropagationPolicy = "Orphan" });
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.Deployments, ns, "web") is null, "the deployment is gone");
        var set = Assert.Single(await cluster.ListAsync(Kinds.ReplicaSets, ns));
        Assert.Null(set.ControllerOwner());
        Assert.Equal(2, (await cluster.ListAsync(Kinds.Pods, ns)).Count);
    }

    [Fact]
    public async Task An_object_whose_owner_never_was_is_collected()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ConfigMaps, ns, """
            {"metadata":{"name":"lost","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"none","uid":"00000000-0000-0000-0000-000000000000"}]}}
            """);
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.ConfigMaps, ns, "lost") is null, "it is collected");
    }

    [Theory, InlineData("Background"), InlineData("Foreground")]
    public async Task The_pods_of_a_job_that_is_under_way_go_with_it(string policy)
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Jobs, ns, Manifests.Job("work", completions: 2, end: SimulatedNode.ByHand));
        await Eventually.TrueAsync(async () => (await cluster.ListAsync(Kinds.Pods, ns)).Count == 2, "the pods are there");
        await cluster.Client.DeleteAsync(Kinds.Jobs, ns, "work", CancellationToken.None, new() { PropagationPolicy = policy });
        await Eventually.TrueAsync(
            async () => await cluster.GetAsync(Kinds.Jobs, ns, "work") is null && (await cluster.ListAsync(Kinds.Pods, ns)).Count == 0, "job and pods are gone");
    }

    [Fact]
    public async Task A_namespace_goes_with_everything_in_it()
    {
        var ns = await DeploymentAsync();
        await cluster.CreateAsync(Kinds.ConfigMaps, ns, """{"metadata":{"name":"settings"}}""");
        await cluster.Client.DeleteAsync(Kinds.Namespaces, null, ns, CancellationToken.None);
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.Namespaces, null, ns) is null, "the namespace is gone");
        Assert.Empty(await cluster.ListAsync(Kinds.Pods, ns));
    }

    [Fact]
    public async Task What_protects_a_namespaces_pods_outlives_them()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ConfigMaps, ns, """{"metadata":{"name":"settings"}}""");
        await cluster.CreateAsync(Kinds.Pods, ns, """{"metadata":{"name":"held","finalizers":["example.com/held"]},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        await cluster.Client.DeleteAsync(Kinds.Namespaces, null, ns, CancellationToken.None);
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.Namespaces, null, ns))!.Status.Conditions?.Any(condition => condition is { Type: "NamespaceFinalizersRemaining", Status: "True" }) == true,
            "the namespace says what it waits for");
        var remaining = (await cluster.GetAsync(Kinds.Namespaces, null, ns))!.Status.Conditions!.Single(condition => condition.Type == "NamespaceContentRemaining");
        Assert.Equal("Some resources are remaining: pods. has 1 resource instances", remaining.Message);
        Assert.NotNull(await cluster.GetAsync(Kinds.ConfigMaps, ns, "settings"));
        await Eventually.TrueAsync(
            async () => (await cluster.ToldAsync(null, ns)).SequenceEqual(["NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances"]),
            "and tells its owner, once");

        await cluster.MergeAsync(Kinds.Pods, ns, "held", """{"metadata":{"finalizers":null}}""");
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.Namespaces, null, ns) is null, "the namespace is gone");
    }

    private async Task<string> DeploymentAsync()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 2, "nginx:1"));
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.Deployments, ns, "web"))?.Status.AvailableReplicas == 2, "the deployment is available");
        return ns;
    }
}
