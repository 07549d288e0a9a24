using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.Benchmarks.Controllers;

/// <summary>The Deployments that are measured, in the default namespace.</summary>
internal sealed class Workload(ApiClient client)
{
    private const string Namespace = "default";

    /// <param name="node">Where all its pods run; they leave it as soon as it is silent.</param>
    public async Task CreateAsync(string name, int replicas, CancellationToken cancellationToken, string? node = null) =>
        (await client.CreateAsync(Kinds.Deployments, Namespace, Deployment(name, replicas, node), cancellationToken)).OrThrow();

    public async Task<int> RunningAsync(string app, CancellationToken cancellationToken) =>
        (await PodsAsync(app, cancellationToken)).Count(pod => pod.Status.Phase == "Running");

    /// <summary>Pods that were made after their predecessors' node had fallen silent.</summary>
    public async Task<int> ReplacedAsync(string app, CancellationToken cancellationToken) =>
        (await PodsAsync(app, cancellationToken)).Count(pod => pod.Status.Phase == "Pending" && pod.Metadata.DeletionTimestamp is null);

    /// <returns>The generation that the rollout has.</returns>
    public async Task<long> RollAsync(string name, CancellationToken cancellationToken)
    {
        var body = JsonNode.Parse("""{"spec":{"template":{"metadata":{"annotations":{"rollout":"2"}}}}}""")!;
        var rolled = await client.PatchAsync(Kinds.Deployments, Namespace, name, Patch.Merge(body), cancellationToken);
        return rolled.OrThrow().Metadata.Generation;
    }

    /// <summary>As <c>kubectl rollout status</c> sees it.</summary>
    public async Task<bool> IsRolledOutAsync(string name, long generation, int replicas, CancellationToken cancellationToken)
    {
        var status = (await client.GetAsync(Kinds.Deployments, Namespace, name, cancellationToken)).OrThrow().Status;
        return status.ObservedGeneration >= generation && status.UpdatedReplicas == replicas && status.Replicas == replicas
            && status.AvailableReplicas == replicas;
    }

    /// <summary>Deployments of no replicas and so their replica sets, suspended jobs, unbound claims, config maps: five kinds, as many of each.</summary>
    public Task CreateIdleAsync(int count, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count / 5),
        new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
        async (i, cancel) =>
        {
            await CreateAsync($"idle-{i}", 0, cancel);
            (await client.CreateAsync(Kinds.Jobs, Namespace, Job($"idle-{i}"), cancel)).OrThrow();
            (await client.CreateAsync(Kinds.PersistentVolumeClaims, Namespace, Claim($"idle-{i}"), cancel)).OrThrow();
            (await client.CreateAsync(Kinds.ConfigMaps, Namespace, Map($"idle-{i}"), cancel)).OrThrow();
        });

    private async Task<List<Pod>> PodsAsync(string app, CancellationToken cancellationToken) =>
        (await client.ListAsync(Kinds.Pods, Namespace, cancellationToken, new() { LabelSelector = $"app={app}" })).OrThrow().Items;

    private static JsonObject Deployment(string name, int replicas, string? node)
    {
        var at = node is null
            ? ""
            : $$""" "nodeSelector":{"kubernetes.io/hostname":"{{node}}"},"tolerations":[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":0}],""";
        return Parse($$$$"""
            {"metadata":{"name":"{{{{name}}}}"},"spec":{"replicas":{{{{replicas}}}},"selector":{"matchLabels":{"app":"{{{{name}}}}"}},
             "template":{"metadata":{"labels":{"app":"{{{{name}}}}"}},"spec":{ {{{{at}}}} "containers":[{"name":"main","image":"nginx"}]} } } }
            """);
    }

    private static JsonObject Job(string name) => Parse($$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"suspend":true,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"nginx"}]} } } }
        """);

    private static JsonObject Claim(string name) => Parse($$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }
        """);

    private static JsonObject Map(string name) => Parse($$$$"""{"metadata":{"name":"{{{{name}}}}"},"data":{"key":"value"}}""");

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
