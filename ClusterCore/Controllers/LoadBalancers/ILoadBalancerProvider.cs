using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>Who brings traffic from outside to Services of type LoadBalancer: a cloud, an appliance; by default a pool of addresses.</summary>
public interface ILoadBalancerProvider
{
    /// <summary>Makes the service reachable, or finds that it is. Called again and again, and after a restart.</summary>
    /// <param name="services">All there are: what they have is taken.</param>
    /// <returns>Where it can be reached; null while that is not possible, which is tried again.</returns>
    Task<IReadOnlyList<LoadBalancerIngress>?> EnsureAsync(Service service, IReadOnlyList<Service> services, CancellationToken cancellationToken);

    /// <summary>Takes back what the service was given. Called again until it has succeeded once.</summary>
    Task ReleaseAsync(Service service, CancellationToken cancellationToken);
}
