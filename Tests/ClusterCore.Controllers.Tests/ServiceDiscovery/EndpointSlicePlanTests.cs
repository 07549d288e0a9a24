using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.ServiceDiscovery;

public sealed class EndpointSlicePlanTests
{
    [Fact]
    public void A_service_without_pods_has_one_empty_slice()
    {
        var slice = Assert.Single(EndpointSlicePlan.Compute(A.Service(), [], []).Create);
        Assert.Empty(slice.Endpoints!);
        Assert.Equal("web", slice.Metadata.Labels!["kubernetes.io/service-name"]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(250, 3)]
    public void A_slice_holds_a_hundred_endpoints(int pods, int slices)
    {
        var created = EndpointSlicePlan.Compute(A.Service(), Pods(pods), []).Create;
        Assert.Equal(slices, created.Count);
        Assert.Equal(pods, created.Sum(slice => slice.Endpoints!.Length));
    }

    [Fact]
    public void What_is_right_is_not_written_again()
    {
        var service = A.Service();
        var slices = Stored(EndpointSlicePlan.Compute(service, Pods(150), []).Create);
        var again = EndpointSlicePlan.Compute(service, Pods(150), slices);
        Assert.Equal((0, 0, 0), (again.Create.Count, again.Update.Count, again.Delete.Count));
    }

    [Fact]
    public void One_change_writes_one_slice()
    {
        var service = A.Service();
        var slices = Stored(EndpointSlicePlan.Compute(service, Pods(150), []).Create);
        var pods = Pods(150);
        pods[3].Status.Conditions![0].Status = "False";
        var plan = EndpointSlicePlan.Compute(service, pods, slices);
        Assert.Equal((0, 1, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
        Assert.Contains(plan.Update[0].Endpoints!, endpoint => endpoint.Conditions!.Ready == false);
    }

    [Fact]
    public void The_last_slice_is_emptied_and_kept()
    {
        var service = A.Service();
        var slices = Stored(EndpointSlicePlan.Compute(service, Pods(1), []).Create);
        var plan = EndpointSlicePlan.Compute(service, [], slices);
        var left = slices.Length - plan.Delete.Count + plan.Create.Count;
        Assert.Equal(1, left);
    }

    [Fact]
    public void A_terminating_pod_serves_but_is_not_ready()
    {
        var pod = Pods(1)[0];
        pod = pod with { Metadata = pod.Metadata with { DeletionTimestamp = A.Noon } };
        var endpoint = Assert.Single(EndpointSlicePlan.Compute(A.Service(), [pod], []).Create).Endpoints![0];
        Assert.Equal((false, true, true), (endpoint.Conditions!.Ready, endpoint.Conditions.Serving, endpoint.Conditions.Terminating));
    }

    [Fact]
    public void A_named_port_is_looked_up_in_each_pod()
    {
        var pods = Pods(2);
        pods[0].Spec.Containers![0].Ports = [new() { Name = "http", Port = 8080, Protocol = "TCP" }];
        pods[1].Spec.Containers![0].Ports = [new() { Name = "http", Port = 9090, Protocol = "TCP" }];
        var created = EndpointSlicePlan.Compute(A.Service(targetPort: "http"), pods, []).Create;
        Assert.Equal([8080, 9090], created.Select(slice => slice.Ports![0].Port!.Value).Order());
    }

    [Fact]
    public void Endpoints_tell_ready_addresses_from_others()
    {
        var pods = Pods(3);
        pods[1].Status.Conditions![0].Status = "False";
        var subset = Assert.Single(EndpointsPlan.Compute(A.Service(), pods).Subsets);
        Assert.Equal((2, 1, 80), (subset.Addresses!.Length, subset.NotReadyAddresses!.Length, subset.Ports![0].Port));
    }

    [Fact]
    public void Endpoints_written_by_hand_are_mirrored()
    {
        var service = A.Service();
        service.Spec.Selector = null;
        var endpoints = new Endpoints
        {
            Metadata = A.Meta("web"),
            Subsets = [new() { Addresses = [new() { Ip = "192.0.2.1" }], Ports = [new() { Port = 5432 }] }],
        };
        var slice = Assert.Single(MirrorPlan.Compute(endpoints, service));
        Assert.Equal("192.0.2.1", slice.Endpoints![0].Addresses![0]);
        Assert.Empty(MirrorPlan.Compute(endpoints, A.Service()));
    }

    private static Pod[] Pods(int count)
    {
        var pods = A.Pods(count);
        for (var i = 0; i < count; i++)
        {
            pods[i].Status.PodIP = $"10.244.{i / 250}.{i % 250 + 1}";
        }
        return pods;
    }

    private static EndpointSlice[] Stored(IReadOnlyList<EndpointSlice> created) =>
        [.. created.Select((slice, i) => slice with { Metadata = slice.Metadata with { Name = $"web-{i}" } })];
}
