using System.Net.WebSockets;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>What is said for containers that are not there: one line of log, and the command itself as its output.</summary>
internal sealed class SimulatedAnswers
{
    private const byte Output = 1, Error = 3;
    private static readonly string[] Protocols = [CommandSocket.Protocol, "v4.channel.k8s.io"];

    /// <summary>The same for the same container at any time: nothing is kept for it.</summary>
    public static string Log(Pod pod, ContainerRecord record) =>
        $"simulated: container {record.Name} of pod {PodNames.Full(pod)}, attempt {record.Attempt}\n";

    /// <summary>Succeeds at once. Over WebSocket only: who speaks SPDY is refused with a clear error.</summary>
    public static async Task ExecAsync(HttpContext context, IEnumerable<string> command)
    {
        if (UpgradedConnection.Offered(context).Intersect(Protocols).FirstOrDefault() is not { } protocol)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("a simulated container is reached by WebSocket only");
            return;
        }

        using var client = await ServerSocket.AcceptAsync(context, protocol);
        await SendAsync(client, Output, $"simulated: {string.Join(' ', command)}\n", context.RequestAborted);
        await SendAsync(client, Error, """{"metadata":{},"status":"Success"}""", context.RequestAborted);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
    }

    private static ValueTask SendAsync(WebSocket client, byte channel, string text, CancellationToken cancellationToken) =>
        client.SendAsync((ReadOnlyMemory<byte>)(byte[])[channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
}
