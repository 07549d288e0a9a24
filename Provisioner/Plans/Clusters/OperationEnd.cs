using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>What the end of an operation means for its cluster.</summary>
internal static class OperationEnd
{
    public static void Apply(Cluster cluster, OperationKind kind, bool succeeded, bool purged, DateTimeOffset now)
    {
        cluster.State = succeeded ? StateAfter(kind) : StateAfterFailure(kind);
        if (kind == OperationKind.ScaleCluster && !succeeded)
        {
            cluster.Workers = cluster.Nodes.Count(node => node.Role == NodeRole.Worker);
        }
        if (!succeeded) { return; }
        if (cluster.State == ClusterState.Ready)
        {
            cluster.ReadyAt ??= now;
            cluster.Conditions = Healthy(now);
        }
        if (kind == OperationKind.DeleteCluster) { cluster.DeletedAt = now; }
        if (purged) { cluster.PurgedAt = now; }
    }

    private static ClusterState StateAfter(OperationKind kind) => kind switch
    {
        OperationKind.DeleteCluster or OperationKind.PurgeCluster => ClusterState.Deleted,
        OperationKind.HibernateCluster => ClusterState.Hibernated,
        _ => ClusterState.Ready,
    };

    private static ClusterState StateAfterFailure(OperationKind kind) => kind switch
    {
        OperationKind.ScaleCluster => ClusterState.Degraded,
        OperationKind.PurgeCluster => ClusterState.Deleted,
        _ => ClusterState.Failed,
    };

    private static List<ClusterCondition> Healthy(DateTimeOffset now) =>
    [
        new("ControlPlaneReady", true, "Answers", "Every master answers.", now),
        new("NodesReady", true, "Ready", "Every node is Ready.", now),
    ];
}
