using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Qos;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>Answers <c>/stats/summary</c> and everything below <c>/metrics</c>.</summary>
internal sealed class StatsPages(string nodeName, PodWorkers workers, UsageReader usage, KubeletMetrics metrics, CgroupTree? cgroups)
{
    public async Task SummaryAsync(HttpContext context)
    {
        var snapshot = await usage.TakeAsync(context.RequestAborted);
        context.Response.ContentType = "application/json";
        var summary = new Summary(nodeName, snapshot, OnlyCpuAndMemory: (string?)context.Request.Query["only_cpu_and_memory"] == "true");
        await context.Response.WriteAsync(summary.ToJson().ToJsonString());
    }

    public async Task ResourceAsync(HttpContext context) => await TextAsync(context, ResourceMetrics.Of(await usage.TakeAsync(context.RequestAborted)));

    public async Task CadvisorAsync(HttpContext context) =>
        await TextAsync(context, CadvisorMetrics.Of(await usage.TakeAsync(context.RequestAborted), pod => cgroups?.PathOf(pod) ?? ""));

    public Task ProbesAsync(HttpContext context) => TextAsync(context, metrics.Probes());

    public Task KubeletAsync(HttpContext context) => TextAsync(context, metrics.Kubelet(nodeName, workers));

    private static Task TextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = MetricText.ContentType;
        return context.Response.WriteAsync(text);
    }
}
