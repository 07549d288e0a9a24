using System.Net.Sockets;
using System.Net.WebSockets;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Simulation;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams;

/// <summary>Answers exec, attach and port-forward: the runtime gives an address, the connection is joined to it.</summary>
internal sealed class RuntimeStreams(PodServices services)
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(30);

    public Task ExecAsync(HttpContext context, PodWorker worker) => WithRunningAsync(context, worker, (record, query) =>
    {
        var streams = new CommandStreams(Flag(query, "input", "stdin"), Flag(query, "output", "stdout"), Flag(query, "error", "stderr"), Flag(query, "tty"));
        var request = new ExecRequest
        {
            ContainerId = record.Id,
            Cmd = { ((IEnumerable<string?>)query["command"]).Select(word => word ?? "") },
            Tty = streams.Tty,
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr && !streams.Tty,
        };
        return services.Simulated
            ? UntilTheyLeaveAsync(SimulatedCommand.RunAsync(context, streams, SimulatedAnswers.Command(request.Cmd)))
            : CommandAsync(context, streams, () => services.Runtime.ExecAsync(request, context.RequestAborted));
    });

    /// <summary>The oldest way to run something: <c>?cmd=ls -l</c>, cut at its spaces; both outputs come back together when it has ended.</summary>
    public Task RunAsync(HttpContext context, PodWorker worker) => WithRunningAsync(context, worker, async (record, query) =>
    {
        var command = $"{query["cmd"]}".Split(' ');
        try
        {
            var answer = await services.Runtime.ExecSyncAsync(record.Id, command, LongestRun, context.RequestAborted);
            if (answer.ExitCode == 0)
            {
                context.Response.ContentType = "application/json";
                await context.Response.Body.WriteAsync(answer.Stdout.Concat(answer.Stderr).ToArray(), context.RequestAborted);
                return;
            }

            await RefuseAsync(context, StatusCodes.Status500InternalServerError, $"command '{string.Join(' ', command)}' exited with {answer.ExitCode}: {answer.Stderr.ToStringUtf8()}");
        }
        catch (CriException exception)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, exception.RpcError);
        }
    });

    public Task AttachAsync(HttpContext context, PodWorker worker) => WithRunningAsync(context, worker, (record, query) =>
    {
        var tty = worker.Pod.Spec.Find(record.Name)?.Spec.Tty == true;
        var streams = new CommandStreams(Flag(query, "input", "stdin"), Flag(query, "output", "stdout"), Flag(query, "error", "stderr"), tty);
        var request = new AttachRequest
        {
            ContainerId = record.Id,
            Tty = tty,
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr && !tty,
        };
        return services.Simulated
            ? UntilTheyLeaveAsync(SimulatedCommand.RunAsync(context, streams, SimulatedAnswers.Log(worker.Pod, record)))
            : CommandAsync(context, streams, () => services.Runtime.AttachAsync(request, context.RequestAborted));
    });

    public Task PortForwardAsync(HttpContext context, PodWorker worker)
    {
        if (worker.Observed.Sandbox is not { Ready: true } sandbox)
        {
            return RefuseAsync(context, StatusCodes.Status404NotFound, $"pod \"{worker.Pod.Metadata.Name}\" has no running sandbox");
        }

        if (services.Simulated) { return UntilTheyLeaveAsync(SimulatedPorts.RunAsync(context, worker.Pod)); }
        // A WebSocket names its ports ahead; SPDY names one with each stream.
        var ports = context.Request.Query["port"].Select(port => int.TryParse(port, out var number) ? number : 0).Where(port => port > 0);
        var tunnelled = UpgradedConnection.Offered(context).Contains(TunnelSocket.Protocol);
        return JoinAsync(
            context,
            () => services.Runtime.PortForwardAsync(new() { PodSandboxId = sandbox.Id, Port = { ports } }, context.RequestAborted),
            tunnelled ? address => TunnelSocket.RunAsync(context, address) : null);
    }

    private static Task WithRunningAsync(HttpContext context, PodWorker worker, Func<ContainerRecord, IQueryCollection, Task> act)
    {
        var container = (string?)context.GetRouteValue("container") ?? "";
        return worker.Observed.Latest(container) is { Running: true } record
            ? act(record, context.Request.Query)
            : RefuseAsync(context, StatusCodes.Status404NotFound, $"container not found (\"{container}\")");
    }

    private static Task CommandAsync(HttpContext context, CommandStreams streams, Func<Task<Uri>> address) => JoinAsync(
        context, address, UpgradedConnection.Offered(context).Contains(CommandSocket.Protocol) ? found => CommandSocket.RunAsync(context, found, streams) : null);

    /// <param name="translate">Null where the client and the runtime speak the same.</param>
    private static async Task JoinAsync(HttpContext context, Func<Task<Uri>> address, Func<Uri, Task>? translate)
    {
        if (translate is null && !UpgradedConnection.CanJoin(context))
        {
            await UpgradedConnection.RefuseAsync(context);
            return;
        }

        try
        {
            await (translate is null ? UpgradedConnection.JoinAsync(context, await address()) : translate(await address()));
        }
        catch (Exception exception) when (exception is CriException or IOException or SocketException && !context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, exception.Message);
        }
    }

    private static async Task UntilTheyLeaveAsync(Task answer)
    {
        try
        {
            await answer;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // Who leaves without a word does nothing wrong.
            return;
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
