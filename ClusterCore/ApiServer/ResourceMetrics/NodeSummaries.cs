using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.ResourceMetrics;

/// <summary>What kubelets say of themselves and their pods, asked when somebody wants to know: nothing is polled.</summary>
internal sealed class NodeSummaries(ObjectStore objects, KubeletDialer dialer, HttpRelay relay)
{
    private const int AtOnce = 32;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);

    /// <summary>By node; without those that do not answer.</summary>
    public async Task<IReadOnlyDictionary<string, JsonObject>> OfAsync(IEnumerable<string> nodes, CancellationToken cancellationToken)
    {
        var found = new System.Collections.Concurrent.ConcurrentDictionary<string, JsonObject>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(nodes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (node, token) =>
        {
            if (await OneAsync(node, token) is { } summary) { found[node] = summary; }
        });
        return found;
    }

    private async Task<JsonObject?> OneAsync(string node, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var kubelet = await KubeletAddress.OfNodeAsync(objects, node, limit.Token);
            return await relay.AskAsync(new($"https://{dialer.Authority(kubelet)}/stats/summary"), limit.Token);
        }
        catch (Exception exception) when (exception is StatusException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Deleted meanwhile, without an address, or too slow: it has no figures, as upstream's server sees it.
            return null;
        }
    }
}
