using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.ServiceAccounts;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>Every controller there is.</summary>
internal static class ControllerList
{
    public static IReadOnlyList<IController> Create(ControllerContext context) =>
    [
        new ServiceAccountController(context),
        .. context.Options.RootCertificate is { } certificate ? [new RootCertificateController(context, certificate)] : Array.Empty<IController>(),
        new NamespaceController(context),
        new DeploymentController(context),
        new ReplicaSetController(context),
    ];
}
