using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

public sealed class DisruptionTests(ControlPlane cluster)
{
    [Fact]
    public async Task No_more_pods_are_evicted_than_their_budget_allows()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 3, "nginx:1"));
        await cluster.CreateAsync(Kinds.PodDisruptionBudgets, ns, """{"metadata":{"name":"web"},"spec":{"minAvailable":3,"selector":{"matchLabels":{"app":"web"}}}}""");
        await BudgetIsAsync(ns, status => status is { CurrentHealthy: 3, DesiredHealthy: 3, ExpectedPods: 3, DisruptionsAllowed: 0 });
        var pod = (await cluster.ListAsync(Kinds.Pods, ns))[0].Metadata.Name;
        Assert.Equal(429, (await EvictAsync(ns, pod)).Failure!.Code);

        await cluster.MergeAsync(Kinds.PodDisruptionBudgets, ns, "web", """{"spec":{"minAvailable":"50%"}}""");
        await BudgetIsAsync(ns, status => status is { DesiredHealthy: 2, DisruptionsAllowed: 1 });
        Assert.True((await EvictAsync(ns, pod)).Succeeded);
        await Eventually.TrueAsync(
            async () => (await cluster.ListAsync(Kinds.Pods, ns)) is { Count: 3 } pods && pods.TrueForAll(one => one.Metadata.Name != pod), "another takes its place");
        await BudgetIsAsync(ns, status => status is { CurrentHealthy: 3, DisruptionsAllowed: 1 });
    }

    private Task BudgetIsAsync(string ns, Func<PodDisruptionBudgetStatus, bool> isSo) => Eventually.TrueAsync(
        async () => await cluster.GetAsync(Kinds.PodDisruptionBudgets, ns, "web") is { } found && found.Status.ObservedGeneration == found.Metadata.Generation && isSo(found.Status),
        "the budget is as wanted");

    private Task<ApiResult<JsonObject>> EvictAsync(string ns, string pod) => cluster.Client.RequestAsync(
        HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/{pod}/eviction",
        JsonNode.Parse($$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{pod}}}"}}"""), CancellationToken.None);
}
