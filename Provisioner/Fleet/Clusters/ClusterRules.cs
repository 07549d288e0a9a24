using System.Security.Cryptography;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Projects;

namespace Flotilla.Provisioner.Fleet.Clusters;

/// <summary>The rules that need nothing but their arguments.</summary>
public static class ClusterRules
{
    public const string Version = "1.36";
    public const int MaxWorkers = 100;

    private const string Letters = "abcdefghjkmnpqrstuvwxyz";
    private const string LettersAndDigits = "abcdefghjkmnpqrstuvwxyz23456789";

    public static int Masters(ClusterPurpose purpose) => purpose switch
    {
        ClusterPurpose.Personal => 1,
        ClusterPurpose.Dev => 3,
        _ => 5,
    };

    /// <summary>Eight characters that are hard to mistake for each other.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(Letters, 1) + RandomNumberGenerator.GetString(LettersAndDigits, 7);

    public static string WorkerName(int index) => $"worker-{index + 1}";

    public static string MasterName(int index) => $"master-{index}";

    public static FleetError? ValidateWorkers(int workers) => workers is < 0 or > MaxWorkers
        ? new("workers.invalid", $"A cluster has 0 to {MaxWorkers} workers.", "workers")
        : null;

    /// <summary>What the project has without the cluster at hand, and what is wanted for it.</summary>
    public static FleetError? CheckQuota(Quota quota, int otherClusters, int otherWorkers, int workers)
    {
        if (otherClusters >= quota.Clusters)
        {
            return new("quota.clusters", $"The project may have {quota.Clusters} clusters and has {otherClusters}.", "name");
        }
        return otherWorkers + workers > quota.Workers
            ? new("quota.workers", $"The project may have {quota.Workers} workers; {Math.Max(0, quota.Workers - otherWorkers)} are left.", "workers")
            : null;
    }

    /// <summary>Deleting does not wait for what is under way: creating a cluster may be stuck for good.</summary>
    public static bool Cancels(OperationKind wanted, OperationKind underWay) =>
        wanted == OperationKind.DeleteCluster && underWay is not (OperationKind.DeleteCluster or OperationKind.PurgeCluster);

    /// <summary>Which operations a cluster takes in which state.</summary>
    public static FleetError? CheckState(Cluster cluster, OperationKind kind)
    {
        var allowed = kind switch
        {
            OperationKind.DeleteCluster => cluster.State is not ClusterState.Deleted,
            OperationKind.UndeleteCluster or OperationKind.PurgeCluster => cluster is { State: ClusterState.Deleted, PurgedAt: null },
            OperationKind.ScaleCluster or OperationKind.HibernateCluster => cluster.State is ClusterState.Ready or ClusterState.Degraded,
            OperationKind.WakeCluster => cluster.State is ClusterState.Hibernated,
            OperationKind.RepairCluster => cluster.State is ClusterState.Ready or ClusterState.Degraded or ClusterState.Failed,
            _ => false,
        };
        return allowed
            ? null
            : new("cluster.state", $"The cluster is {cluster.State.ToString().ToLowerInvariant()}; this cannot be done to it now.");
    }
}
