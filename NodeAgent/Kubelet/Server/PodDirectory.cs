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

    public Task WriteAllAsync(HttpContext context) =>
        WriteAsync(context, workers.All.Select(worker => JsonSerializer.SerializeToNode(worker.Pod, ObjectJson.Default.Pod)));

    /// <summary>What the runtime runs, whatever the API says: names alone, and images.</summary>
    public Task WriteRunningAsync(HttpContext context) =>
        WriteAsync(context, workers.All.Where(worker => worker.Observed.AnyRunning).Select(Running));

    private static JsonObject Running(PodWorker worker) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = worker.Pod.Metadata.Name, ["namespace"] = worker.Pod.Metadata.Namespace, ["uid"] = worker.Pod.Metadata.Uid },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray([.. worker.Observed.Containers.Where(container => container.Running)
                .Select(container => new JsonObject { ["name"] = container.Name, ["image"] = container.ImageId, ["resources"] = new JsonObject() })]),
        },
        ["status"] = new JsonObject(),
    };

    private static Task WriteAsync(HttpContext context, IEnumerable<JsonNode?> pods)
    {
        var items = new JsonArray([.. pods]);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(
            new JsonObject { ["kind"] = "PodList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["items"] = items }.ToJsonString());
    }
}
