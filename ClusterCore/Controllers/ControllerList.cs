using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.CronJobs;
using Flotilla.ClusterCore.Controllers.DaemonSets;
using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.ClusterCore.Controllers.GarbageCollection;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.ServiceAccounts;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.ClusterCore.Controllers.StatefulSets;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>Every controller there is.</summary>
internal static class ControllerList
{
    public static IReadOnlyList<IController> Create(ControllerContext context) =>
    [
        new ServiceAccountController(context),
        .. Optional(context.Options.RootCertificate, certificate => new RootCertificateController(context, certificate)),
        new NamespaceController(context),
        new DeploymentController(context),
        new ReplicaSetController<ReplicaSet>(context, "replicaset-controller", Kinds.ReplicaSets, set => set),
        new ReplicaSetController<ReplicationController>(
            context, "replication-controller", Kinds.ReplicationControllers, ReplicationControllerView.Of),
        new StatefulSetController(context),
        new DaemonSetController(context),
        new JobController(context),
        new CronJobController(context),
        new EndpointSliceController(context),
        new EndpointsController(context),
        .. Optional(context.Options.ClusterCidr, cidr => new NodeIpamController(context, cidr)),
        new NodeLifecycleController(context),
        new TaintEvictionController(context),
        new PodGarbageController(context),
        new GarbageCollector(context),
    ];

    private static IEnumerable<IController> Optional(string? option, Func<string, IController> create) =>
        option is null ? [] : [create(option)];
}
