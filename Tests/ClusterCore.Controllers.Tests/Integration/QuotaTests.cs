using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

public sealed class QuotaTests(ControlPlane cluster)
{
    [Fact]
    public async Task What_a_deleted_object_used_is_free_again()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ResourceQuotas, ns, """{"metadata":{"name":"q"},"spec":{"hard":{"secrets":"9"}}}""");
        await Eventually.TrueAsync(async () => await UsedAsync(ns, "secrets") == "0", "the quota is counted");
        await cluster.CreateAsync(Kinds.Secrets, ns, """{"metadata":{"name":"x"}}""");
        Assert.Equal("1", await UsedAsync(ns, "secrets"));
        (await cluster.Client.DeleteAsync(Kinds.Secrets, ns, "x", CancellationToken.None)).OrThrow();
        await Eventually.TrueAsync(async () => await UsedAsync(ns, "secrets") == "0", "the quota is told of the deletion");
    }

    [Fact]
    public async Task No_burst_of_pods_gets_past_a_quota()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ResourceQuotas, ns, """{"metadata":{"name":"q"},"spec":{"hard":{"pods":"2"}}}""");
        await Eventually.TrueAsync(async () => await UsedAsync(ns, "pods") == "0", "the quota is counted");
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 8, "nginx:1"));
        await Eventually.TrueAsync(
            async () => (await cluster.ListAsync(Kinds.ReplicaSets, ns)).Exists(set => set.Status.Conditions?.Any(condition => condition.Type == "ReplicaFailure") == true),
            "the replica set says what stopped it");
        Assert.Equal(2, (await cluster.ListAsync(Kinds.Pods, ns)).Count);
    }

    private async Task<string?> UsedAsync(string ns, string counted) =>
        (await cluster.GetAsync(Kinds.ResourceQuotas, ns, "q"))?.Status.Used?.GetValueOrDefault(counted);
}
