using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Machines.Nodes;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>A cluster's nodes on this machine.</summary>
internal sealed class Workers(ClusterRecords records, IMachine machine, KubeconfigIssuer kubeconfigs, ClusterApis apis, NodeDrain drain, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(365);

    /// <summary>Starts the node and waits until Kubernetes says it is Ready.</summary>
    public async Task EnsureAsync(string clusterId, int index, CancellationToken cancellationToken)
    {
        await records.AddNodeAsync(clusterId, NodeRole.Worker, index, cancellationToken);
        var cluster = await records.ReadAsync(clusterId, cancellationToken);
        var name = ClusterRules.WorkerName(index);
        var address = ClusterRecords.NetworkOf(cluster).NodeAddress(index).ToString();
        await records.SetNodeAsync(clusterId, name, NodeState.Starting, cancellationToken, address);
        await StartAsync(cluster, index, cancellationToken);
        using var api = apis.Connect(cluster);
        while (!await IsReadyAsync(api.Client, name, cancellationToken)) { await Task.Delay(PollInterval, clock, cancellationToken); }
        await records.SetNodeAsync(clusterId, name, NodeState.Ready, cancellationToken);
    }

    public Task StartAsync(Cluster cluster, int index, CancellationToken cancellationToken)
    {
        var network = ClusterRecords.NetworkOf(cluster);
        var name = ClusterRules.WorkerName(index);
        return machine.EnsureNodeAsync(
            new()
            {
                Id = new(cluster.Id, name),
                Network = network,
                Index = index,
                Kubeconfig = kubeconfigs.IssueForNode(cluster, name, $"https://{network.Gateway}:{network.ApiPort + (index % cluster.Masters)}", CertificateLifetime),
            },
            cancellationToken);
    }

    public async Task StopAsync(string clusterId, int index, CancellationToken cancellationToken)
    {
        var name = ClusterRules.WorkerName(index);
        await records.SetNodeAsync(clusterId, name, NodeState.Stopping, cancellationToken);
        await machine.StopNodeAsync(new NodeId(clusterId, name), cancellationToken);
        await records.SetNodeAsync(clusterId, name, NodeState.Stopped, cancellationToken);
    }

    /// <summary>Takes the node out of the cluster for good: emptied, stopped, forgotten, its disk removed.</summary>
    public async Task RemoveAsync(string clusterId, int index, CancellationToken cancellationToken)
    {
        var name = ClusterRules.WorkerName(index);
        var cluster = await records.ReadAsync(clusterId, cancellationToken);
        using var api = apis.Connect(cluster);
        await drain.RunAsync(api.Client, name, cancellationToken);
        await StopAsync(clusterId, index, cancellationToken);
        await NodeDrain.ForgetPodsAsync(api.Client, name, cancellationToken);
        await api.Client.DeleteAsync(Kinds.Nodes, null, name, cancellationToken);
        await DiscardAsync(clusterId, index, cancellationToken);
    }

    /// <summary>Takes back what <see cref="EnsureAsync"/> made, where the cluster's API may not be there.</summary>
    public async Task DiscardAsync(string clusterId, int index, CancellationToken cancellationToken)
    {
        var id = new NodeId(clusterId, ClusterRules.WorkerName(index));
        await machine.StopNodeAsync(id, cancellationToken);
        await machine.PurgeNodeAsync(id, cancellationToken);
        await records.RemoveNodeAsync(clusterId, id.Name, cancellationToken);
    }

    public static bool IsReady(Node node) =>
        node.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static async Task<bool> IsReadyAsync(ApiClient client, string name, CancellationToken cancellationToken) =>
        await client.GetAsync(Kinds.Nodes, null, name, cancellationToken) is { Value: { } node } && IsReady(node);
}
