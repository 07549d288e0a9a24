using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>The Node object that pods are admitted by.</summary>
/// <param name="watched">Null where many nodes share the process: then each is known as it registers itself, and asked for where that is not enough.</param>
internal sealed class OwnNode(ApiClient client, Informer<Node>? watched, string name, IReadOnlyDictionary<string, string> labels)
{
    /// <summary>As it was last seen; before anybody has seen it, as it registers itself.</summary>
    public async ValueTask<Node> SeenAsync(CancellationToken cancellationToken)
    {
        await (watched?.WaitForSyncAsync(cancellationToken) ?? Task.CompletedTask);
        return watched?.Find(null, name) ?? new() { Metadata = new() { Name = name, Labels = NodeObject.Labels(name, labels) } };
    }

    /// <summary>As it is now: what was seen may be older than what the pod's owner went by. Null where the API does not say.</summary>
    public async Task<Node?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetAsync(Kinds.Nodes, null, name, cancellationToken)).Value;
        }
        catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException)
        {
            return null;
        }
    }
}
