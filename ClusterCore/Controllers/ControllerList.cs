using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Certificates;
using Flotilla.ClusterCore.Controllers.ClusterRoles;
using Flotilla.ClusterCore.Controllers.CronJobs;
using Flotilla.ClusterCore.Controllers.DaemonSets;
using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.ClusterCore.Controllers.Disruption;
using Flotilla.ClusterCore.Controllers.GarbageCollection;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.LoadBalancers;
using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Quotas;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.ServiceAccounts;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.ClusterCore.Controllers.StatefulSets;
using Flotilla.ClusterCore.Controllers.Volumes;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>Every controller there is.</summary>
internal static class ControllerList
{
    public static IReadOnlyList<Func<IController>> Of(ControllerContext context) =>
    [
        // What a namespace needs before pods can be made in it comes first.
        () => new ServiceAccountController(context),
        .. Optional(context.Options.RootCertificate, certificate => new RootCertificateController(context, certificate)),
        () => new TokenSecretController(context),
        () => new NamespaceController(context),

        () => new DeploymentController(context),
        () => new ReplicaSetController<ReplicaSet>(context, "replicaset-controller", Kinds.ReplicaSets, set => set),
        () => new ReplicaSetController<ReplicationController>(
            context, "replication-controller", Kinds.ReplicationControllers, ReplicationControllerView.Of),
        () => new StatefulSetController(context),
        () => new DaemonSetController(context),
        () => new JobController(context),
        () => new OrphanedJobPodController(context),
        () => new FinishedJobController(context),
        () => new CronJobController(context),
        () => new DisruptionController(context),
        () => new StaleDisruptionController(context),

        () => new EndpointSliceController(context),
        () => new EndpointsController(context),
        () => new EndpointSliceMirroringController(context),
        .. Optional(context.Options.LoadBalancers, provider => new LoadBalancerController(context, provider)),

        .. Optional(context.Options.ClusterCidr, cidr => new NodeIpamController(context, cidr)),
        () => new NodeLifecycleController(context),
        () => new TaintEvictionController(context),

        () => new ClaimController(context),
        () => new VolumeController(context),
        () => new StorageProtectionController(context),

        () => new ResourceQuotaController(context),
        () => new ClusterRoleAggregationController(context),
        () => new CertificateController(context),

        () => new PodGarbageController(context),
        () => new GarbageCollector(context),
    ];

    private static IEnumerable<Func<IController>> Optional<T>(T? option, Func<T, IController> create) where T : class =>
        option is null ? [] : [() => create(option)];
}
