using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Simulation;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>Answers <c>/containerLogs/{namespace}/{pod}/{container}</c>.</summary>
internal sealed class ContainerLogs(PodServices services)
{
    public async Task WriteAsync(HttpContext context, PodWorker worker)
    {
        var container = (string?)context.GetRouteValue("container") ?? "";
        if (!TryParse(context.Request.Query, services.Clock.GetUtcNow(), out var query, out var error))
        {
            await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, error);
            return;
        }

        if (worker.Pod.Spec.Find(container) is not { } spec)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"container \"{container}\" not found in pod \"{worker.Pod.Metadata.Name}\"");
            return;
        }

        var status = ContainerStatuses.Before(worker.Pod, spec);
        if ((query.Previous ? Last(worker.Observed, container, status) : worker.Observed.Latest(container)) is not { } record)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, Missing(worker, container, status, query.Previous));
            return;
        }

        await StreamAsync(context, worker, record, query);
    }

    private static bool TryParse(IQueryCollection values, DateTimeOffset now, out LogQuery query, out string error)
    {
        query = new();
        error = "";
        var (seconds, time) = ((string?)values["sinceSeconds"], (string?)values["sinceTime"]);
        if ((values.TryGetValue("tailLines", out var tail) && !(int.TryParse(tail, out var lines) && lines >= 0))
            || (values.TryGetValue("limitBytes", out var limit) && !(long.TryParse(limit, out var bytes) && bytes > 0)))
        {
            error = "tailLines and limitBytes must be whole numbers, limitBytes at least 1";
            return false;
        }

        query = new()
        {
            Follow = Flag(values, "follow"),
            Timestamps = Flag(values, "timestamps"),
            Previous = Flag(values, "previous"),
            TailLines = values.TryGetValue("tailLines", out tail) ? int.Parse(tail!) : null,
            LimitBytes = values.TryGetValue("limitBytes", out limit) ? long.Parse(limit!) : null,
            Since = seconds is not null && long.TryParse(seconds, out var ago)
                ? now - TimeSpan.FromSeconds(ago)
                : DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var since) ? since : null,
            Stream = values["stream"],
        };
        return true;
    }

    private static bool Flag(IQueryCollection values, string name) => (string?)values[name] is "true" or "1";

    /// <summary>The one that the status calls its last state: of a container that waits to be started again the latest.</summary>
    private static ContainerRecord? Last(PodRuntimeState observed, string container, ContainerStatus? status) =>
        status?.State?.Waiting is not null && observed.Latest(container) is { State: RunState.Exited } latest ? latest : observed.Previous(container);

    private static string Missing(PodWorker worker, string container, ContainerStatus? status, bool previous)
    {
        var name = worker.Pod.Metadata.Name;
        return previous
            ? $"previous terminated container \"{container}\" in pod \"{name}\" not found"
            : $"container \"{container}\" in pod \"{name}\" is waiting to start: {Why(status?.State?.Waiting?.Reason)}";
    }

    private static string Why(string? reason) => reason switch
    {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        null or "" => "ContainerCreating",
        _ => reason,
    };

    private async Task StreamAsync(HttpContext context, PodWorker worker, ContainerRecord record, LogQuery query)
    {
        context.Response.ContentType = "text/plain";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted);
        if (!File.Exists(record.LogPath))
        {
            await context.Response.WriteAsync(services.Simulated ? SimulatedAnswers.Log(worker.Pod, record) : "", context.RequestAborted);
            return;
        }

        try
        {
            await LogReader.CopyAsync(record.LogPath, query, context.Response.Body, GoesOn, services.Clock, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader has left.
            return;
        }

        bool GoesOn() => worker.Observed.Containers.FirstOrDefault(candidate => candidate.Id == record.Id) is { State: RunState.Running or RunState.Created };
    }

    private static Task RefuseAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(message);
    }
}
