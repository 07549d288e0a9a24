using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Services;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network.Routes;

/// <summary>Keeps the routes to other nodes' pods in step with the Nodes.</summary>
internal sealed partial class RouteController(InformerFactory informers, IPodRouteTable table, string nodeName, TimeProvider clock, ILogger logger)
{
    private IReadOnlySet<PodRoute>? applied;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var changed = new ChangedKeys();
        var nodes = informers.Get(Kinds.Nodes);
        nodes.AddHandler(change => changed.Add(change.Key));
        await nodes.WaitForSyncAsync(cancellationToken);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryApplyAsync(nodes.List(), cancellationToken)) { backoff.Reset(); await changed.TakeAsync(cancellationToken); }
            else { await Task.Delay(backoff.Next(), clock, cancellationToken); }
        }
    }

    private async Task<bool> TryApplyAsync(Node[] nodes, CancellationToken cancellationToken)
    {
        var wanted = PodRoutes.Of(nodes, nodeName);
        // Nodes change with every heartbeat; their routes hardly ever.
        if (applied is not null && applied.SetEquals(wanted)) { return true; }
        try
        {
            await table.ApplyAsync(wanted, cancellationToken);
            applied = wanted;
            return true;
        }
        catch (CommandFailedException exception)
        {
            applied = null;
            LogFailed(logger, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Routes to other nodes' pods could not be set: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
