using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.NodeAgent.Kubelet.Pods;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.NodeAgent.Kubelet.Server;

/// <summary>Finds the pod that a request names.</summary>
internal sealed class PodDirectory(PodWorkers workers)
{
    public Task WithAsync(HttpContext context, Func<PodWorker, Task> act)
    {
        var (ns, name) = ((string?)context.GetRouteValue("namespace"), (string?)context.GetRouteValue("pod"));
        if (workers.Find(ns ?? "", name ?? "") is { } worker)
        {
            return act(worker);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync($"pod \"{name}\" not found");
    }

    public Task WriteAllAsync(HttpContext context)
    {
        var items = new JsonArray([.. workers.All.Select(worker => JsonSerializer.SerializeToNode(worker.Pod, ObjectJson.Default.Pod))]);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(
            new JsonObject { ["kind"] = "PodList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["items"] = items }.ToJsonString());
    }
}
