using Flotilla.ClusterCore.Client;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>Kinds that other controllers follow whole, so that the collector needs no watch of its own for them.</summary>
internal static class SharedKinds
{
    public static readonly IReadOnlyList<Action<GarbageSources>> All =
    [
        sources => sources.Share(Kinds.Pods),
        sources => sources.Share(Kinds.ReplicaSets),
        sources => sources.Share(Kinds.Deployments),
        sources => sources.Share(Kinds.Services),
        sources => sources.Share(Kinds.Endpoints),
        sources => sources.Share(Kinds.EndpointSlices),
        sources => sources.Share(Kinds.Nodes),
        sources => sources.Share(Kinds.Namespaces),
        sources => sources.Share(Kinds.ServiceAccounts),
        sources => sources.Share(Kinds.StatefulSets),
        sources => sources.Share(Kinds.DaemonSets),
        sources => sources.Share(Kinds.Jobs),
        sources => sources.Share(Kinds.CronJobs),
        sources => sources.Share(Kinds.ReplicationControllers),
        sources => sources.Share(Kinds.ControllerRevisions),
        sources => sources.Share(Kinds.PodDisruptionBudgets),
        sources => sources.Share(Kinds.PersistentVolumeClaims),
        sources => sources.Share(Kinds.PersistentVolumes),
        sources => sources.Share(Kinds.StorageClasses),
        sources => sources.Share(Kinds.ResourceQuotas),
        sources => sources.Share(Kinds.ClusterRoles),
        sources => sources.Share(Kinds.CertificateSigningRequests),
    ];
}
