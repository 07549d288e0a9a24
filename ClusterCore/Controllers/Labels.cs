namespace Flotilla.ClusterCore.Controllers;

/// <summary>Labels and annotations that clients know by name.</summary>
internal static class Labels
{
    public const string PodTemplateHash = "pod-template-hash";
    public const string ControllerRevisionHash = "controller-revision-hash";
    public const string RevisionDataHash = "controller.kubernetes.io/hash";
    public const string ServiceName = "kubernetes.io/service-name";
    public const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    public const string PodDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    public const string RollbackTo = "deprecated.deployment.rollback.to";
    public const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
}
