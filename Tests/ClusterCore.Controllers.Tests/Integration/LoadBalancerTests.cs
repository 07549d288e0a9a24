using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.LoadBalancers;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>Providers as clouds are: at their quota, failing, slow; and what a service's owner sees of it.</summary>
[Collection<TimedCollection>]
public sealed class LoadBalancerTests(TimedCluster cluster)
{
    private const string Problem = "SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: ";

    [Fact]
    public async Task A_provider_that_can_not_is_asked_less_and_less_often_until_it_can()
    {
        var service = await ServiceAsync(() => new(null, "the quota of addresses is used up"));
        await SaidAsync(service, "EnsuringLoadBalancer: Ensuring load balancer");
        await SaidAsync(service, Problem + "the quota of addresses is used up");
        await cluster.PassUntilAsync(() => Task.FromResult(cluster.Balancers.Asked(service).Length >= 10), "it is asked and asked", TimeSpan.FromSeconds(10));
        var asked = cluster.Balancers.Asked(service);
        // 5 seconds, doubled each time up to 5 minutes; what the service itself changes at first asks besides.
        Assert.All(Enumerable.Range(4, 5), i => Assert.True((asked[i + 1] - asked[i]).TotalSeconds >= Math.Min(300, 5 * Math.Pow(2, i))));
        Assert.Null((await FindAsync(service))!.Status.LoadBalancer?.Ingress);

        cluster.Balancers.Answer(service, () => new([new() { Hostname = "web.example.com" }]));
        await cluster.PassUntilAsync(async () => (await FindAsync(service))!.Status.LoadBalancer?.Ingress is [{ Hostname: "web.example.com" }], "it can be reached", TimeSpan.FromSeconds(10));
        await SaidAsync(service, "EnsuredLoadBalancer: Ensured load balancer");
    }

    [Fact]
    public async Task A_provider_that_throws_is_told_of_and_asked_again()
    {
        var service = await ServiceAsync(() => throw new HttpRequestException("the cloud does not answer"));
        await SaidAsync(service, Problem + "the cloud does not answer");
        cluster.Balancers.Answer(service, () => new([new() { Ip = "192.0.2.1" }]));
        await cluster.PassUntilAsync(async () => (await FindAsync(service))!.Status.LoadBalancer?.Ingress is [{ Ip: "192.0.2.1" }], "it can be reached");
    }

    [Fact]
    public async Task A_provider_that_says_when_is_asked_then()
    {
        var service = await ServiceAsync(() => new(null, "still starting", TimeSpan.FromMinutes(20)));
        await SaidAsync(service, Problem + "still starting");
        // The finalizer that is written first is a change, too.
        await cluster.PassAsync(TimeSpan.FromSeconds(10));
        var asked = cluster.Balancers.Asked(service).Length;
        await cluster.PassAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(asked, cluster.Balancers.Asked(service).Length);
        await cluster.PassUntilAsync(() => Task.FromResult(cluster.Balancers.Asked(service).Length > asked), "it is asked again", TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"spec":{"type":"ClusterIP"}}""")]
    public async Task What_a_provider_does_not_take_back_is_not_let_go(string? change)
    {
        var service = await ServiceAsync(() => new([new() { Ip = "192.0.2.2" }]));
        await SaidAsync(service, "EnsuredLoadBalancer: Ensured load balancer");
        cluster.Balancers.Keeps[service] = true;
        await (change is null
            ? cluster.DeleteAsync(Kinds.Services, service.Namespace, service.Name)
            : cluster.MergeAsync(Kinds.Services, service.Namespace, service.Name, change));
        await SaidAsync(service, "DeletingLoadBalancer: Deleting load balancer");
        await SaidAsync(service, "SyncLoadBalancerFailed: Error syncing load balancer: failed to delete load balancer: the appliance is busy");
        Assert.Contains("service.kubernetes.io/load-balancer-cleanup", (await FindAsync(service))!.Metadata.Finalizers!);

        cluster.Balancers.Keeps[service] = false;
        await cluster.PassUntilAsync(async () => await FindAsync(service) is null or { Metadata.Finalizers: null, Status.LoadBalancer.Ingress: null }, "it is let go");
        await SaidAsync(service, "DeletedLoadBalancer: Deleted load balancer");
    }

    private async Task<NamespacedName> ServiceAsync(Func<LoadBalancerAnswer> answer)
    {
        var service = new NamespacedName(await cluster.NamespaceAsync(), "web");
        cluster.Balancers.Answer(service, answer);
        await cluster.CreateAsync(Kinds.Services, service.Namespace, """{"metadata":{"name":"web"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        return service;
    }

    private Task<Service?> FindAsync(NamespacedName service) => cluster.GetAsync(Kinds.Services, service.Namespace, service.Name);

    private Task SaidAsync(NamespacedName service, string what) =>
        cluster.PassUntilAsync(async () => (await cluster.ToldAsync(service.Namespace, service.Name)).Contains(what), $"it is told: {what}", TimeSpan.FromMilliseconds(100));
}
