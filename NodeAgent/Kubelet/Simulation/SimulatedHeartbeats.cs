using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>
/// The heartbeats of many nodes by one timer: in each interval every node has its turn, evenly spread, and a node whose turn fails has
/// the next one. A node that is not registered yet is registered in its turn.
/// </summary>
internal sealed partial class SimulatedHeartbeats(IReadOnlyList<SimulatedHeart> hearts, TimeProvider clock, ILogger logger)
{
    private const int AtOnce = 16;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    internal static readonly int TicksPerInterval = (int)(NodeLease.Interval / Tick);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // All at once in the beginning: nobody wants to wait an interval for the last node.
        await ForEachAsync(hearts, cancellationToken);
        using var timer = new PeriodicTimer(Tick, clock);
        for (var tick = 0; await timer.WaitForNextTickAsync(cancellationToken); tick = (tick + 1) % TicksPerInterval)
        {
            await ForEachAsync(Turn(hearts.Count, tick).Select(index => hearts[index]), cancellationToken);
        }
    }

    /// <summary>Whose turn it is.</summary>
    internal static IEnumerable<int> Turn(int nodes, int tick)
    {
        for (var index = tick; index < nodes; index += TicksPerInterval) { yield return index; }
    }

    private Task ForEachAsync(IEnumerable<SimulatedHeart> some, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        some, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, BeatAsync);

    private async ValueTask BeatAsync(SimulatedHeart heart, CancellationToken cancellationToken)
    {
        try
        {
            await heart.BeatAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException)
        {
            LogMissed(logger, heart.Node, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} missed a heartbeat: {Reason}")]
    private static partial void LogMissed(ILogger logger, string node, string reason);
}

/// <summary>One node's part of the heartbeats: registration first, then its lease and, now and then, its status.</summary>
internal sealed class SimulatedHeart(ApiClient client, string node, NodeReporter reporter, TimeProvider clock) : IDisposable
{
    private NodeLease? lease;

    public string Node => node;

    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        if (lease is null)
        {
            await reporter.RegisterAsync(cancellationToken);
            lease = new(client, node, reporter.Uid, clock);
        }
        else
        {
            await reporter.ReportAsync(cancellationToken);
        }

        await lease.RenewAsync(cancellationToken);
    }

    public void Dispose() => reporter.Dispose();
}
