using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.ResourceMetrics;

/// <summary>
/// Answers <c>kubectl top</c> and autoscalers from kubelets' summaries, in place of the metrics-server that other clusters install:
/// one process fewer, and nothing is measured while nobody looks.
/// </summary>
internal sealed class ResourceMetricsHandler(NodeSummaries summaries, WatchFeed feed)
{
    /// <summary>Kubelets compute rates from one question to the next; this is how far apart autoscalers ask.</summary>
    private const string Window = "15s";
    private static readonly GroupResource nodes = new("", "nodes");
    private static readonly GroupResource pods = new("", "pods");

    public static bool Handles(ResourceInfo resource) => resource.Group == MetricsResources.Group;

    public async Task HandleAsync(Scope scope)
    {
        if (scope.Request.Info.Verb is not ("get" or "list")) { throw Refusal.MethodNotAllowed(); }
        var wanted = Wanted(scope);
        var figures = scope.Resource.Kind == "NodeMetrics" ? await NodesAsync(wanted, scope.Aborted) : await PodsAsync(wanted, scope.Aborted);
        if (scope.Request.Info.Verb == "get")
        {
            await ObjectAnswer.TreeAsync(scope, figures is [var one] ? one : throw scope.NotFound(scope.Request.Info.Name));
            return;
        }

        await ObjectAnswer.TreeAsync(scope, new()
        {
            ["kind"] = scope.Resource.ListKind,
            ["apiVersion"] = scope.Resource.ApiVersion,
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. figures]),
        });
    }

    /// <summary>The nodes or pods that the request is about.</summary>
    private CacheEntry[] Wanted(Scope scope)
    {
        var (ns, name) = (scope.Request.Info.Namespace, scope.Request.Info.Name);
        var selection = ListOptions.Read(scope).Selection;
        var cache = feed.Of(scope.Resource.Kind == "NodeMetrics" ? nodes : pods);
        return name.Length > 0
            ? cache.Find(scope.Resource.Namespaced ? ns : "", name) is { } one ? [one] : []
            : Array.FindAll(cache.List(selection.Namespace).Entries, selection.Matches);
    }

    private async Task<List<JsonObject>> NodesAsync(CacheEntry[] wanted, CancellationToken cancellationToken)
    {
        var found = await summaries.OfAsync(wanted.Select(node => node.Name), cancellationToken);
        return [.. wanted.Where(node => found.ContainsKey(node.Name)).Select(node =>
        {
            var figures = found[node.Name]["node"];
            var metrics = Metrics("NodeMetrics", node, figures);
            metrics["usage"] = Usage(figures);
            return metrics;
        })];
    }

    private async Task<List<JsonObject>> PodsAsync(CacheEntry[] wanted, CancellationToken cancellationToken)
    {
        var byNode = wanted.Where(pod => pod.Index.Field("spec.nodeName").Length > 0).ToLookup(pod => pod.Index.Field("spec.nodeName"));
        var found = await summaries.OfAsync(byNode.Select(group => group.Key), cancellationToken);
        var figures = found.Values.SelectMany(summary => (summary["pods"] as JsonArray ?? []).OfType<JsonObject>())
            .DistinctBy(pod => ObjectMeta.Text(pod["podRef"], "uid"))
            .ToDictionary(pod => ObjectMeta.Text(pod["podRef"], "uid"));
        return [.. wanted.Where(pod => figures.ContainsKey(pod.Index.Field("metadata.uid"))).Select(pod => Pod(pod, figures[pod.Index.Field("metadata.uid")]))];
    }

    private static JsonObject Pod(CacheEntry pod, JsonObject figures)
    {
        var containers = (figures["containers"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(container => (JsonNode)new JsonObject { ["name"] = ObjectMeta.Text(container, "name"), ["usage"] = Usage(container) });
        var metrics = Metrics("PodMetrics", pod, figures);
        metrics["containers"] = new JsonArray([.. containers]);
        return metrics;
    }

    private static JsonObject Metrics(string kind, CacheEntry about, JsonNode? figures)
    {
        var metadata = new JsonObject { ["name"] = about.Name };
        if (about.Namespace.Length > 0) { metadata["namespace"] = about.Namespace; }
        metadata["creationTimestamp"] = figures?["cpu"]?["time"]?.DeepClone();
        if (about.Index.Labels.Count > 0) { metadata["labels"] = new JsonObject(about.Index.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))); }
        return new()
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{MetricsResources.Group}/v1beta1",
            ["metadata"] = metadata,
            ["timestamp"] = figures?["cpu"]?["time"]?.DeepClone(),
            ["window"] = Window,
        };
    }

    /// <summary>Billionths of a core, and kilobytes: as metrics-server writes them.</summary>
    private static JsonObject Usage(JsonNode? figures) => new()
    {
        ["cpu"] = string.Create(CultureInfo.InvariantCulture, $"{ObjectMeta.Number(figures?["cpu"], "usageNanoCores") ?? 0}n"),
        ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{(ObjectMeta.Number(figures?["memory"], "workingSetBytes") ?? 0) / 1024}Ki"),
    };
}
