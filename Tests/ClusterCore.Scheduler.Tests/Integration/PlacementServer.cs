using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Integration;

/// <summary>A control plane with several profiles from a file, for tests that each bring nodes of their own.</summary>
public sealed class PlacementServer : IAsyncLifetime
{
    private const string Profiles = """
        apiVersion: kubescheduler.config.k8s.io/v1
        kind: KubeSchedulerConfiguration
        profiles:
        - schedulerName: default-scheduler
        - schedulerName: packer
          plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}}
          pluginConfig:
          - {name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}
        - schedulerName: roomy
          plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit, weight: 10}, {name: NodeAffinity, weight: 1}]}}
        - schedulerName: wishful
          plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit, weight: 1}, {name: NodeAffinity, weight: 10}]}}
        - schedulerName: spreader
          plugins: {score: {disabled: [{name: "*"}], enabled: [{name: PodTopologySpread}]}}
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("flotilla-profiles-");
    private Member server = null!;

    internal ApiClient Client => server.Client;

    public async ValueTask InitializeAsync()
    {
        var file = Path.Combine(directory.FullName, "scheduler.yaml");
        await File.WriteAllTextAsync(file, Profiles);
        server = await Member.StartAsync(null, "--scheduler-config", file);
        await Eventually.TrueAsync(async () => (await Client.GetAsync(Kinds.ServiceAccounts, "default", "default", CancellationToken.None)).Succeeded, "the namespace has its account", Patience);
        foreach (var (name, value) in ((string, int)[])[("low", 1), ("middle", 5), ("high", 1000)])
        {
            await CreateAsync(Kinds.PriorityClasses, $$"""{"metadata":{"name":"{{name}}"},"value":{{value}}}""");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Delete(recursive: true);
    }

    /// <summary>Nodes <c>GROUP-0</c>, <c>GROUP-1</c>, … that pods find by the label <c>group</c>.</summary>
    /// <param name="zones">One node in each.</param>
    internal async Task CreateNodesAsync(string group, string[] zones, string cpu = "16")
    {
        for (var index = 0; index < zones.Length; index++) { await server.CreateNodeAsync($"{group}-{index}", cpu, $"\"group\":\"{group}\",\"zone\":\"{zones[index]}\""); }
    }

    internal Task CreateAsync<T>(ResourceType<T> type, string json) where T : KubernetesObject =>
        server.CreateAsync(type, type.Namespaced ? "default" : null, json);

    /// <summary>A pod for a group's nodes. They are no real ones: it tolerates that they are never ready, and is gone at once when it is deleted.</summary>
    /// <param name="spec">More fields of it.</param>
    internal Task CreatePodAsync(string group, string name, string app = "none", string cpu = "100m", string spec = "") => CreateAsync(Kinds.Pods, $$$$"""
        {"metadata":{"name":"{{{{name}}}}","labels":{"app":"{{{{app}}}}"}},
         "spec":{ {{{{(spec.Length == 0 ? "" : spec + ",")}}}} "nodeSelector":{"group":"{{{{group}}}}"},"tolerations":[{"operator":"Exists"}],"terminationGracePeriodSeconds":0,
          "containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"{{{{cpu}}}}"}}}]}}
        """);

    internal async Task<Pod?> FindPodAsync(string name) => (await Client.GetAsync(Kinds.Pods, "default", name, CancellationToken.None)).Value;

    /// <returns>The nodes of the pods, once they are bound.</returns>
    internal async Task<string[]> NodesOfAsync(params string[] pods)
    {
        string?[] nodes = [];
        await Eventually.TrueAsync(async () =>
        {
            var all = await server.ListAsync(Kinds.Pods, "default");
            nodes = Array.ConvertAll(pods, name => all.Find(pod => pod.Metadata.Name == name)?.Spec.NodeName);
            return nodes.All(node => !string.IsNullOrEmpty(node));
        }, $"{string.Join(' ', pods)} are bound", Patience);
        return nodes!;
    }

    internal Task WaitForConditionAsync(string pod, Func<PodCondition, bool> holds, string what) => Eventually.TrueAsync(
        async () => (await FindPodAsync(pod))?.Status.Conditions?.FirstOrDefault(one => one.Type == "PodScheduled") is { } condition && holds(condition), what, Patience);

    internal async Task MergeAsync<T>(ResourceType<T> type, string name, string json) where T : KubernetesObject =>
        (await Client.PatchAsync(type, "default", name, Patch.Merge(JsonNode.Parse(json)!), CancellationToken.None)).OrThrow();
}
