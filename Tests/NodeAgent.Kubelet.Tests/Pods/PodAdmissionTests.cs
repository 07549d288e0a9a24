using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Pods;

public sealed class PodAdmissionTests
{
    private static readonly NodeResources Node = new(2000, 4L << 30, 0, Pods: 3, AllocatableMilliCpu: 1000, AllocatableMemory: 1L << 30);

    [Theory]
    [InlineData("500m", "512Mi", null)]
    [InlineData("501m", "64Mi", "OutOfcpu")]
    [InlineData("100m", "513Mi", "OutOfmemory")]
    public void What_does_not_fit_beside_the_others_is_refused(string cpu, string memory, string? reason) =>
        Assert.Equal(reason, PodAdmission.Refuse(Pod("new", cpu, memory), [Pod("old", "500m", "512Mi")], Node)?.Reason);

    [Fact]
    public void Ended_pods_take_no_place()
    {
        Pod[] others = [Pod("a", "400m", "1Mi"), Pod("b", "400m", "1Mi"), Pod("c", "900m", "1Mi", "Succeeded")];
        Assert.Null(PodAdmission.Refuse(Pod("new", "200m", "1Mi"), others, Node));
        Assert.Equal("OutOfpods", PodAdmission.Refuse(Pod("new", "1m", "1Mi"), [.. others, Pod("d", "1m", "1Mi")], Node)?.Reason);
    }

    [Fact]
    public void A_pod_takes_the_place_it_has_and_not_the_one_it_wants()
    {
        var greedy = Pod("old", "100m", "1Pi");
        greedy.Status.ContainerStatuses = [new() { Name = "main", AllocatedResources = A.Labels("cpu", "100m", "memory", "16Mi") }];
        Assert.Null(PodAdmission.Refuse(Pod("new", "100m", "64Mi"), [greedy], Node));
    }

    [Theory]
    [InlineData("0.0.0.0", "", "TCP", "NodePorts")]
    [InlineData("", "192.0.2.1", "TCP", "NodePorts")]
    [InlineData("192.0.2.1", "192.0.2.1", "TCP", "NodePorts")]
    [InlineData("192.0.2.1", "192.0.2.2", "TCP", null)]
    [InlineData("", "", "UDP", null)]
    public void A_port_of_all_addresses_is_one_of_each(string mine, string theirs, string protocol, string? reason)
    {
        Assert.Equal(reason, PodAdmission.Refuse(With("new", mine, protocol), [With("old", theirs, "TCP")], Node)?.Reason);

        static Pod With(string name, string address, string protocol)
        {
            var pod = Pod(name, "1m", "1Mi");
            pod.Spec.Containers![0].Ports = [new() { Port = 80, HostPort = 80, HostIP = address, Protocol = protocol }];
            return pod;
        }
    }

    private static Pod Pod(string name, string cpu, string memory, string phase = "Running") => A.Pod(name, "node-0", phase, cpu: cpu, memory: memory);
}
