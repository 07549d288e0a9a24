using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>An address of the pool for each service; the nodes' service proxies answer on it. What is taken, the services themselves say.</summary>
public sealed class LoadBalancerPool(IPNetwork network) : ILoadBalancerProvider
{
    /// <summary>The controller asks again as soon as an address is given back, and now and then besides.</summary>
    private static readonly LoadBalancerAnswer Exhausted = new(null, "no address is free", TimeSpan.FromMinutes(1));
    private readonly AddressPool pool = AddressPool.Parse(network.ToString());

    /// <summary>Given a moment ago: the cache may not show it yet, and nobody else must have it.</summary>
    private readonly Dictionary<NamespacedName, string> given = [];

    public Task<LoadBalancerAnswer> EnsureAsync(Service service, IReadOnlyList<Service> services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(service);
        return Task.FromResult(Choose(service, services) is { } address ? new([new() { Ip = address, IpMode = "VIP" }]) : Exhausted);
    }

    public Task ReleaseAsync(Service service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(service);
        given.Remove(service.Key);
        return Task.CompletedTask;
    }

    internal string? Choose(Service service, IReadOnlyList<Service> services)
    {
        var taken = services.Where(other => other.Key != service.Key).SelectMany(AddressesOf)
            .Concat(given.Where(other => other.Key != service.Key).Select(other => other.Value)).ToHashSet(StringComparer.Ordinal);
        var present = AddressesOf(service).FirstOrDefault() ?? given.GetValueOrDefault(service.Key);
        var address = pool.Choose(present, service.Spec.LoadBalancerIP, taken);
        if (address is not null)
        {
            given[service.Key] = address;
        }
        return address;
    }

    private static IEnumerable<string> AddressesOf(Service service) =>
        (service.Status.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip).OfType<string>();
}
