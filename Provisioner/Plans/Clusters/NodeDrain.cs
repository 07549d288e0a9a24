using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>
/// Empties a node that is to go: no new pods, and those it has are evicted, as <c>kubectl drain</c> does it, so that
/// disruption budgets hold; what has not moved in time is let go with the node.
/// </summary>
internal sealed class NodeDrain(TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    public async Task RunAsync(ApiClient client, string node, CancellationToken cancellationToken)
    {
        var cordon = Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = true } });
        if ((await client.PatchAsync(Kinds.Nodes, null, node, cordon, cancellationToken)).IsNotFound) { return; }
        var started = clock.GetTimestamp();
        while (await PodsOnAsync(client, node, cancellationToken) is { Count: > 0 } pods && clock.GetElapsedTime(started) < Limit)
        {
            foreach (var pod in pods.Where(pod => pod.Metadata.DeletionTimestamp is null)) { await EvictAsync(client, pod, cancellationToken); }
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    /// <summary>Of a node that runs no more: nobody is left to say that its pods have ended.</summary>
    public static async Task ForgetPodsAsync(ApiClient client, string node, CancellationToken cancellationToken)
    {
        foreach (var pod in await PodsOnAsync(client, node, cancellationToken, all: true))
        {
            await client.DeleteAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, cancellationToken, new() { GracePeriodSeconds = 0 });
        }
    }

    /// <summary>Refused while a disruption budget forbids it: it is asked again.</summary>
    private static Task EvictAsync(ApiClient client, Pod pod, CancellationToken cancellationToken) => client.RequestAsync(
        HttpMethod.Post,
        $"/api/v1/namespaces/{pod.Metadata.Namespace}/pods/{pod.Metadata.Name}/eviction",
        new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod.Metadata.Name, ["namespace"] = pod.Metadata.Namespace },
        },
        cancellationToken);

    /// <param name="all">Also those of a DaemonSet, which would only come back.</param>
    private static async Task<IReadOnlyList<Pod>> PodsOnAsync(ApiClient client, string node, CancellationToken cancellationToken, bool all = false)
    {
        var pods = await client.ListAsync(Kinds.Pods, null, cancellationToken, new() { FieldSelector = $"spec.nodeName={node}" });
        return [.. pods.OrThrow().Items.Where(pod => all || pod.Metadata.OwnerReferences?.Any(owner => owner.Kind == "DaemonSet") != true)];
    }
}
