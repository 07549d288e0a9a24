using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>Answers exec, attach and port-forward: the runtime gives an address, the connection is joined to it.</summary>
internal sealed class RuntimeStreams(PodServices services)
{
    public Task ExecAsync(HttpContext context, PodWorker worker) => WithRunningAsync(context, worker, (record, query) => services.Runtime.ExecAsync(
        new()
        {
            ContainerId = record.Id,
            Cmd = { ((IEnumerable<string?>)query["command"]).Select(word => word ?? "") },
            Tty = Flag(query, "tty"),
            Stdin = Flag(query, "input", "stdin"),
            Stdout = Flag(query, "output", "stdout"),
            Stderr = Flag(query, "error", "stderr") && !Flag(query, "tty"),
        },
        context.RequestAborted));

    public Task AttachAsync(HttpContext context, PodWorker worker) => WithRunningAsync(context, worker, (record, query) => services.Runtime.AttachAsync(
        new()
        {
            ContainerId = record.Id,
            Tty = worker.Pod.Spec.Find(record.Name)?.Spec.Tty == true,
            Stdin = Flag(query, "input", "stdin"),
            Stdout = Flag(query, "output", "stdout"),
            Stderr = Flag(query, "error", "stderr") && worker.Pod.Spec.Find(record.Name)?.Spec.Tty != true,
        },
        context.RequestAborted));

    public async Task PortForwardAsync(HttpContext context, PodWorker worker)
    {
        if (worker.Observed.Sandbox is not { Ready: true } sandbox)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"pod \"{worker.Pod.Metadata.Name}\" has no running sandbox");
            return;
        }

        // A WebSocket names its ports ahead; SPDY names one with each stream.
        var ports = context.Request.Query["port"].Select(port => int.TryParse(port, out var number) ? number : 0).Where(port => port > 0);
        await JoinAsync(context, () => services.Runtime.PortForwardAsync(new() { PodSandboxId = sandbox.Id, Port = { ports } }, context.RequestAborted));
    }

    private static async Task WithRunningAsync(HttpContext context, PodWorker worker, Func<ContainerRecord, IQueryCollection, Task<Uri>> address)
    {
        var container = (string?)context.GetRouteValue("container") ?? "";
        if (worker.Observed.Latest(container) is not { Running: true } record)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"container not found (\"{container}\")");
            return;
        }

        await JoinAsync(context, () => address(record, context.Request.Query));
    }

    private static async Task JoinAsync(HttpContext context, Func<Task<Uri>> address)
    {
        if (!UpgradedConnection.CanJoin(context))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "you must specify an upgrade to SPDY/3.1");
            return;
        }

        try
        {
            await UpgradedConnection.JoinAsync(context, await address());
        }
        catch (Exception exception) when (exception is CriException or IOException && !context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, exception.Message);
        }
    }

    private static bool Flag(IQueryCollection query, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if ((string?)query[name] is "1" or "true")
            {
                return true;
            }
        }

        return false;
    }

    private static Task RefuseAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(message);
    }
}
