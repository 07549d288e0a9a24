using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Admission;

public sealed class AdmissionCheckTests
{
    private static readonly NodeResources Room = new(2000, 4L << 30, 0, Pods: 3, AllocatableMilliCpu: 1000, AllocatableMemory: 1L << 30);
    private static readonly Node Node = A.Node("node-0", labels: A.Labels("zone", "a"));

    [Theory]
    [InlineData("500m", "512Mi", null)]
    [InlineData("501m", "64Mi", "Node didn't have enough resource: cpu, requested: 501, used: 500, capacity: 1000")]
    [InlineData("100m", "513Mi", "Node didn't have enough resource: memory, requested: 537919488, used: 536870912, capacity: 1073741824")]
    public void What_does_not_fit_beside_the_others_is_refused(string cpu, string memory, string? message) =>
        Assert.Equal(message, First(Pod("new", cpu, memory), [Pod("old", "500m", "512Mi")])?.Message);

    [Fact]
    public void There_is_a_place_for_so_many_pods() =>
        Assert.Equal("OutOfpods", First(Pod("new", "0", "0"), [Pod("a", "0", "0"), Pod("b", "0", "0"), Pod("c", "0", "0")])?.Reason);

    [Fact]
    public void A_pod_takes_the_place_it_has_and_not_the_one_it_wants()
    {
        var greedy = Pod("old", "100m", "1Pi");
        greedy.Status.ContainerStatuses = [new() { Name = "main", AllocatedResources = A.Labels("cpu", "100m", "memory", "16Mi") }];
        Assert.Null(First(Pod("new", "100m", "64Mi"), [greedy]));
    }

    [Theory]
    [InlineData("0.0.0.0", "", "TCP", "NodePorts")]
    [InlineData("", "192.0.2.1", "TCP", "NodePorts")]
    [InlineData("192.0.2.1", "192.0.2.1", "TCP", "NodePorts")]
    [InlineData("192.0.2.1", "192.0.2.2", "TCP", null)]
    [InlineData("", "", "UDP", null)]
    public void A_port_of_all_addresses_is_one_of_each(string mine, string theirs, string protocol, string? reason)
    {
        Assert.Equal(reason, First(With("new", mine, protocol), [With("old", theirs, "TCP")])?.Reason);

        static Pod With(string name, string address, string protocol)
        {
            var pod = Pod(name);
            pod.Spec.Containers![0].Ports = [new() { Port = 80, HostPort = 80, HostIP = address, Protocol = protocol }];
            return pod;
        }
    }

    [Theory]
    [InlineData("example.com/dongle", "1", null)]
    [InlineData("example.com/dongle", "2", "Node didn't have enough resource: example.com/dongle, requested: 2, used: 1, capacity: 2")]
    [InlineData("example.com/of-the-cluster", "99", null)]
    [InlineData("hugepages-2Mi", "4Mi", "Node didn't have enough resource: hugepages-2Mi, requested: 4194304, used: 0, capacity: 0")]
    [InlineData("special.kubernetes.io/thing", "1", "Node didn't have enough resource: special.kubernetes.io/thing, requested: 1, used: 0, capacity: 0")]
    public void Of_an_extended_resource_there_is_what_the_node_says_and_one_that_it_does_not_know_is_not_its_concern(string resource, string amount, string? message)
    {
        var node = Node with { Status = new() { Allocatable = A.Labels("example.com/dongle", "2", "hugepages-2Mi", "0") } };
        Assert.Equal(message, First(Wanting("new", resource, amount), [Wanting("old", "example.com/dongle", "1")], node)?.Message);

        static Pod Wanting(string name, string resource, string amount)
        {
            var pod = Pod(name);
            pod.Spec.Containers![0].Resources = new() { Requests = A.Labels(resource, amount) };
            return pod;
        }
    }

    [Fact]
    public void Who_asks_for_other_nodes_is_refused_in_upstreams_words()
    {
        var refusal = First(Changed(pod => pod.Spec.NodeSelector = A.Labels("zone", "b")))!;
        Assert.Equal(
            ("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector", "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
            (refusal.Reason, refusal.Message, refusal.StatusMessage));
        Assert.Equal("NodeAffinity", First(Changed(pod => pod.Spec.Affinity = new() { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = new() { NodeSelectorTerms = [] } } }))?.Reason);
        Assert.Equal("Predicate NodeName failed: node(s) didn't match the requested node name", First(Changed(pod => pod.Spec.NodeName = "node-1"))?.Message);
        Assert.Null(First(Changed(pod => pod.Spec.NodeSelector = A.Labels("zone", "a"))));
    }

    [Theory]
    [InlineData("NoExecute", false, false, "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate")]
    [InlineData("NoExecute", true, false, null)]
    [InlineData("NoExecute", false, true, null)]
    [InlineData("NoSchedule", false, false, null)]
    [InlineData("PreferNoSchedule", false, false, null)]
    public void Only_a_taint_that_evicts_keeps_pods_away_and_not_those_that_the_node_itself_has_been_given(string effect, bool tolerated, bool isStatic, string? message)
    {
        var pod = Changed(pod =>
        {
            pod.Spec.Tolerations = tolerated ? [new() { Key = "drain", Operator = "Exists" }] : null;
            pod.Metadata.Annotations = isStatic ? A.Labels("kubernetes.io/config.mirror", "1") : null;
        });
        Assert.Equal(message, First(pod, [], Node with { Spec = new() { Taints = [new() { Key = "drain", Effect = effect }] } })?.Message);
    }

    [Fact]
    public void Everything_against_a_pod_is_found_in_upstreams_order()
    {
        var taken = Changed(pod => pod.Spec.Containers![0].Ports = [new() { Port = 80, HostPort = 80 }], "old");
        var pod = Pod("new", "2", "2Gi");
        (pod.Spec.Containers![0].Ports, pod.Spec.NodeName, pod.Spec.NodeSelector) = ([new() { Port = 80, HostPort = 80 }], "node-1", A.Labels("zone", "b"));
        var refusals = AdmissionCheck.Compute(pod, [taken, Pod("b"), Pod("c")], Room, Node with { Spec = new() { Taints = [new() { Key = "drain", Effect = "NoExecute" }] } });
        Assert.Equal(["OutOfpods", "OutOfcpu", "OutOfmemory", "NodeAffinity", "NodeName", "NodePorts", "TaintToleration"], refusals.Select(refusal => refusal.Reason));
    }

    [Fact]
    public void A_pod_for_another_system_is_refused_for_that_alone()
    {
        var windows = Changed(pod => (pod.Spec.Os, pod.Spec.NodeName) = (new() { Name = "windows" }, "node-1"));
        Assert.Equal(["PodOSNotSupported"], AdmissionCheck.Compute(windows, [], Room, Node).Select(refusal => refusal.Reason));
        var labelled = Changed(pod => pod.Metadata.Labels = A.Labels("kubernetes.io/os", "windows"));
        Assert.Equal(("PodOSSelectorNodeLabelDoesNotMatch", "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"), (First(labelled)!.Reason, First(labelled)!.Message));
        Assert.Null(First(Changed(pod => (pod.Spec.Os, pod.Metadata.Labels) = (new() { Name = "linux" }, A.Labels("kubernetes.io/os", "linux")))));
    }

    private static PodRefusal? First(Pod pod, Pod[]? others = null) => First(pod, others ?? [], Node);

    private static PodRefusal? First(Pod pod, Pod[] others, Node node) => AdmissionCheck.Compute(pod, others, Room, node) is [var first, ..] ? first : null;

    private static Pod Changed(Action<Pod> change, string name = "new")
    {
        var pod = Pod(name);
        change(pod);
        return pod;
    }

    private static Pod Pod(string name, string cpu = "1m", string memory = "1Mi") => A.Pod(name, "node-0", "Running", cpu: cpu, memory: memory);
}
