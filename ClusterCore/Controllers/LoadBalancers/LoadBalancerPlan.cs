using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

internal enum LoadBalancerStep
{
    None,
    Ensure,

    /// <summary>It was one, and is not any more or is going: what it was given is taken back before it is let go.</summary>
    Release,
}

internal static class LoadBalancerPlan
{
    public const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";

    public static LoadBalancerStep Compute(Service service) =>
        IsWanted(service) ? LoadBalancerStep.Ensure : HasFinalizer(service) ? LoadBalancerStep.Release : LoadBalancerStep.None;

    /// <summary>A class says that somebody else is to do it.</summary>
    public static bool IsWanted(Service service) =>
        service is { Spec: { Type: "LoadBalancer", LoadBalancerClass: null or "" }, Metadata.DeletionTimestamp: null };

    public static bool HasFinalizer(Service service) => service.Metadata.Finalizers?.Contains(Finalizer) == true;
}
