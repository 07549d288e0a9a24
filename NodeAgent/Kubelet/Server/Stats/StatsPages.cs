using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.NodeAgent.Kubelet.Pods;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>Answers <c>/stats/summary</c> and <c>/metrics/resource</c>: the latter is what metrics-server reads.</summary>
internal sealed class StatsPages(string nodeName, PodWorkers workers, PodServices services)
{
    public async Task SummaryAsync(HttpContext context)
    {
        var snapshot = await UsageSnapshot.TakeAsync(workers, services, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Summary(nodeName, snapshot).ToJsonString());
    }

    public async Task ResourceMetricsAsync(HttpContext context)
    {
        var snapshot = await UsageSnapshot.TakeAsync(workers, services, context.RequestAborted);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(ResourceMetrics(snapshot));
    }

    public static JsonObject Summary(string nodeName, UsageSnapshot snapshot)
    {
        var time = TimeConverter.ToText(snapshot.Time);
        var node = Figures(snapshot.Node, time);
        node["nodeName"] = nodeName;
        node["memory"]!["availableBytes"] = snapshot.AvailableMemory;
        var pods = snapshot.Pods.Select(pod =>
        {
            var json = Figures(pod.Total, time);
            json["podRef"] = new JsonObject { ["name"] = pod.Pod.Name, ["namespace"] = pod.Pod.Namespace, ["uid"] = pod.Pod.Uid };
            json["containers"] = new JsonArray([.. pod.Containers.Select(container => Named(container.Key, container.Value, time))]);
            return (JsonNode)json;
        });
        return new() { ["node"] = node, ["pods"] = new JsonArray([.. pods]) };
    }

    public static string ResourceMetrics(UsageSnapshot snapshot)
    {
        var text = new StringBuilder();
        var each = snapshot.Pods.SelectMany(pod => pod.Containers.Select(container =>
            (Labels: $"container=\"{container.Key}\",namespace=\"{pod.Pod.Namespace}\",pod=\"{pod.Pod.Name}\"", Usage: container.Value))).ToList();
        var pods = snapshot.Pods.Select(pod => (Labels: $"namespace=\"{pod.Pod.Namespace}\",pod=\"{pod.Pod.Name}\"", Usage: pod.Total)).ToList();
        Family(text, snapshot, "container", each);
        Family(text, snapshot, "pod", pods);
        Family(text, snapshot, "node", [("", snapshot.Node)]);
        return text.ToString();
    }

    private static void Family(StringBuilder text, UsageSnapshot snapshot, string subject, IReadOnlyList<(string Labels, Usage Usage)> samples)
    {
        var time = snapshot.Time.ToUnixTimeMilliseconds();
        text.Append($"# TYPE {subject}_cpu_usage_seconds_total counter\n");
        foreach (var (labels, usage) in samples)
        {
            text.Append(CultureInfo.InvariantCulture, $"{subject}_cpu_usage_seconds_total{Braces(labels)} {usage.CpuNanoseconds / 1e9} {time}\n");
        }

        text.Append($"# TYPE {subject}_memory_working_set_bytes gauge\n");
        foreach (var (labels, usage) in samples)
        {
            text.Append(CultureInfo.InvariantCulture, $"{subject}_memory_working_set_bytes{Braces(labels)} {usage.WorkingSet} {time}\n");
        }
    }

    private static string Braces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private static JsonObject Named(string name, Usage usage, string time)
    {
        var json = Figures(usage, time);
        json["name"] = name;
        return json;
    }

    private static JsonObject Figures(Usage usage, string time) => new()
    {
        ["cpu"] = new JsonObject { ["time"] = time, ["usageCoreNanoSeconds"] = usage.CpuNanoseconds },
        ["memory"] = new JsonObject { ["time"] = time, ["usageBytes"] = usage.Memory, ["workingSetBytes"] = usage.WorkingSet },
    };
}
