using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.LoadBalancers;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>A provider that says, for each service, what its test wants it to.</summary>
internal sealed class ScriptedBalancers(TimeProvider clock) : ILoadBalancerProvider
{
    private readonly ConcurrentDictionary<NamespacedName, Func<LoadBalancerAnswer>> answers = [];
    private readonly ConcurrentQueue<(NamespacedName Service, DateTimeOffset At)> asked = [];

    /// <summary>Services that are not taken back.</summary>
    public ConcurrentDictionary<NamespacedName, bool> Keeps { get; } = [];

    public void Answer(NamespacedName service, Func<LoadBalancerAnswer> answer) => answers[service] = answer;

    /// <summary>When it was asked for the service.</summary>
    public DateTimeOffset[] Asked(NamespacedName service) => [.. asked.Where(one => one.Service == service).Select(one => one.At)];

    public Task<LoadBalancerAnswer> EnsureAsync(Service service, IReadOnlyList<Service> services, CancellationToken cancellationToken)
    {
        asked.Enqueue((service.Key, clock.GetUtcNow()));
        return Task.FromResult(answers[service.Key]());
    }

    public Task ReleaseAsync(Service service, CancellationToken cancellationToken) =>
        Keeps.GetValueOrDefault(service.Key) ? throw new IOException("the appliance is busy") : Task.CompletedTask;
}
