using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>The node's heartbeat: its Lease in kube-node-lease, renewed every quarter of its duration.</summary>
internal sealed class NodeLease(ApiClient client, string nodeName, string? nodeUid, TimeProvider clock)
{
    public const string Namespace = "kube-node-lease";
    public const int DurationSeconds = 40;

    private Lease? held;

    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(DurationSeconds / 4);

    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        held ??= await GetOrCreateAsync(cancellationToken);
        var renewed = held with
        {
            Spec = held.Spec with { HolderIdentity = nodeName, LeaseDurationSeconds = DurationSeconds, RenewTime = clock.GetUtcNow() },
        };
        var answer = await client.UpdateAsync(Kinds.Leases, renewed, cancellationToken);
        // After a conflict, or when somebody deleted it, the next renewal begins with a fresh read.
        held = answer.Value;
        if (!answer.Succeeded && !answer.IsConflict && !answer.IsNotFound)
        {
            throw new ApiException(answer.Failure ?? new());
        }
    }

    private async Task<Lease> GetOrCreateAsync(CancellationToken cancellationToken)
    {
        var found = await client.GetAsync(Kinds.Leases, Namespace, nodeName, cancellationToken);
        if (!found.IsNotFound)
        {
            return found.OrThrow();
        }

        var lease = new Lease
        {
            Metadata = new()
            {
                Namespace = Namespace,
                Name = nodeName,
                OwnerReferences = nodeUid is null ? null : [new() { ApiVersion = "v1", Kind = "Node", Name = nodeName, Uid = nodeUid }],
            },
            Spec = new() { HolderIdentity = nodeName, LeaseDurationSeconds = DurationSeconds, RenewTime = clock.GetUtcNow() },
        };
        return (await client.CreateAsync(Kinds.Leases, lease, cancellationToken)).OrThrow();
    }
}
