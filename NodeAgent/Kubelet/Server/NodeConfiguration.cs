using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server;

/// <summary>Answers <c>/configz</c>: what the kubelet runs with, in the words of <c>kubelet.config.k8s.io/v1beta1</c>.</summary>
internal sealed class NodeConfiguration(KubeletOptions options)
{
    public Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["kubeletconfig"] = Describe() }.ToJsonString());
    }

    private JsonObject Describe() => new()
    {
        ["kind"] = "KubeletConfiguration",
        ["apiVersion"] = "kubelet.config.k8s.io/v1beta1",
        ["address"] = options.NodeIp.ToString(),
        ["port"] = options.Port,
        ["serverTLSBootstrap"] = options.RotateServerCertificates,
        ["clusterDomain"] = options.ClusterDomain,
        ["clusterDNS"] = options.ClusterDns is { } dns ? new JsonArray(dns) : new JsonArray(),
        ["resolvConf"] = options.ResolvConf,
        ["cgroupRoot"] = options.CgroupRoot,
        ["cgroupDriver"] = "cgroupfs",
        ["maxPods"] = options.MaxPods,
        ["podPidsLimit"] = options.PodMaxPids > 0 ? options.PodMaxPids : -1,
        ["podLogsDir"] = options.LogDirectory,
        ["containerLogMaxSize"] = options.LogMaxSize.ToString(CultureInfo.InvariantCulture),
        ["containerLogMaxFiles"] = options.LogMaxFiles,
        ["imageGCHighThresholdPercent"] = options.ImageGcHighPercent,
        ["imageGCLowThresholdPercent"] = options.ImageGcLowPercent,
        ["imageMinimumGCAge"] = Text(options.ImageMinAge),
        ["systemReserved"] = new JsonObject
        {
            ["cpu"] = $"{options.Reserved.MilliCpu}m",
            ["memory"] = options.Reserved.Memory.ToString(CultureInfo.InvariantCulture),
            ["ephemeral-storage"] = options.Reserved.Disk.ToString(CultureInfo.InvariantCulture),
        },
        ["evictionPressureTransitionPeriod"] = Text(options.EvictionPressureTransition),
        ["evictionMaxPodGracePeriod"] = (int)options.EvictionMaxPodGrace.TotalSeconds,
        ["shutdownGracePeriod"] = Text(options.ShutdownGrace),
        ["shutdownGracePeriodCriticalPods"] = Text(options.ShutdownGraceCriticalPods),
        ["shutdownGracePeriodByPodPriority"] = options.ShutdownGraceByPriority.Count == 0 ? null : new JsonArray(
            [.. options.ShutdownGraceByPriority.Select(group => new JsonObject { ["priority"] = group.Priority, ["shutdownGracePeriodSeconds"] = (long)group.Grace.TotalSeconds })]),
        ["enableServer"] = true,
        ["authentication"] = new JsonObject { ["anonymous"] = Enabled(false), ["webhook"] = Enabled(true) },
        ["authorization"] = new JsonObject { ["mode"] = "Webhook" },
    };

    private static JsonObject Enabled(bool enabled) => new() { ["enabled"] = enabled };

    private static string Text(TimeSpan time) => GoDuration.Format((long)time.TotalNanoseconds);
}
