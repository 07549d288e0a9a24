using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>Who brings traffic from outside to Services of type LoadBalancer: a cloud, an appliance; by default a pool of addresses.</summary>
public interface ILoadBalancerProvider
{
    /// <summary>Makes the service reachable, or finds that it is. Called again and again, and after a restart.</summary>
    /// <param name="services">All there are: what they have is taken.</param>
    Task<LoadBalancerAnswer> EnsureAsync(Service service, IReadOnlyList<Service> services, CancellationToken cancellationToken);

    /// <summary>Takes back what the service was given. Called again until it has succeeded once.</summary>
    Task ReleaseAsync(Service service, CancellationToken cancellationToken);
}

/// <summary>Where a service can be reached, or why it cannot be yet; a provider that throws is told of in the same way.</summary>
/// <param name="Ingress">Null where it cannot.</param>
/// <param name="Problem">Shown to the service's owner.</param>
/// <param name="RetryAfter">When to ask again; null leaves it to the controller, which waits longer each time.</param>
public sealed record LoadBalancerAnswer(IReadOnlyList<LoadBalancerIngress>? Ingress, string? Problem = null, TimeSpan? RetryAfter = null);
