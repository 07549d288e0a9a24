using System.Net;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>An address of the pool for each service; the nodes' service proxies answer on it. What is taken, the services themselves say.</summary>
public sealed class LoadBalancerPool(IPNetwork network) : ILoadBalancerProvider
{
    private readonly AddressPool pool = AddressPool.Parse(network.ToString());

    public Task<IReadOnlyList<LoadBalancerIngress>?> EnsureAsync(
        Service service, IReadOnlyList<Service> services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(service);
        var taken = services.Where(other => other.Key != service.Key).SelectMany(AddressesOf).ToHashSet(StringComparer.Ordinal);
        var address = pool.Choose(AddressesOf(service).FirstOrDefault(), service.Spec.LoadBalancerIP, taken);
        return Task.FromResult<IReadOnlyList<LoadBalancerIngress>?>(address is null ? null : [new() { Ip = address, IpMode = "VIP" }]);
    }

    public Task ReleaseAsync(Service service, CancellationToken cancellationToken) => Task.CompletedTask;

    private static IEnumerable<string> AddressesOf(Service service) =>
        (service.Status.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip).OfType<string>();
}
