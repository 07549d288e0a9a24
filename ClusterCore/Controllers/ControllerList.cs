using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.ClusterCore.Controllers.GarbageCollection;
using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.ServiceAccounts;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;

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
        new ReplicaSetController(context),
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
