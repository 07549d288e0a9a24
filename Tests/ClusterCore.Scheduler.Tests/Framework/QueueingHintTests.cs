using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Framework;

/// <summary>For each plugin, which events bring back a pod that it rejected, and which do not.</summary>
public sealed class QueueingHintTests
{
    private readonly Stage stage = new();

    [Theory]
    [InlineData("a node it tolerates", true), InlineData("a node it does not tolerate", false)]
    [InlineData("its own tolerations", true)]
    public void TaintToleration(string what, bool helps)
    {
        var pod = Pod(spec => spec.Tolerations = [new() { Key = "k", Operator = "Exists" }]);
        Assert.Equal(helps, Helps("TaintToleration", pod, what switch
        {
            "its own tolerations" => new(EventResource.UnscheduledPod, EventActions.UpdatePodTolerations) { OldPod = pod, Pod = pod },
            "a node it tolerates" => Node(EventActions.UpdateNodeTaint, A.Node(taints: [new() { Key = "k", Effect = "NoSchedule" }])),
            _ => Node(EventActions.UpdateNodeTaint, A.Node(taints: [new() { Key = "other", Effect = "NoSchedule" }])),
        }));
    }

    [Theory, InlineData(false, true), InlineData(true, false)]
    public void NodeUnschedulable(bool cordoned, bool helps)
    {
        var node = A.Node();
        node.Spec.Unschedulable = cordoned;
        Assert.Equal(helps, Helps("NodeUnschedulable", Pod(), Node(EventActions.UpdateNodeUnschedulable, node)));
    }

    [Theory, InlineData("node.kubernetes.io/unschedulable", true), InlineData("other", false)]
    public void NodeUnschedulable_when_the_pod_tolerates_more(string key, bool helps)
    {
        var pod = Pod(spec => spec.Tolerations = [new() { Key = key, Operator = "Exists" }]);
        Assert.Equal(helps, Helps("NodeUnschedulable", pod, new(EventResource.UnscheduledPod, EventActions.UpdatePodTolerations) { OldPod = Pod(), Pod = pod }));
    }

    [Fact]
    public void NodeName() => Assert.Equal(
        (true, false), (Helps("NodeName", Pod(), Node(EventActions.Add, A.Node())), Helps("NodeName", Pod(), Node(EventActions.UpdateNodeLabel, A.Node()))));

    [Theory, InlineData("ssd", true), InlineData("hdd", false)]
    public void NodeAffinity(string disk, bool helps) => Assert.Equal(helps, Helps(
        "NodeAffinity", Pod(spec => spec.NodeSelector = A.Labels("disk", "ssd")), Node(EventActions.UpdateNodeLabel, A.Node(labels: A.Labels("disk", disk)))));

    [Theory, InlineData(80, true), InlineData(81, false)]
    public void NodePorts(int freed, bool helps) => Assert.Equal(helps, Helps("NodePorts", Port(80), Gone(Port(freed))));

    [Theory]
    [InlineData("somebody leaves", true)]
    [InlineData("cpu is given back", true), InlineData("memory is given back", false)]
    [InlineData("a node large enough", true), InlineData("a node too small", false)]
    public void NodeResourcesFit(string what, bool helps)
    {
        var pod = PodInfo.From(A.Pod(cpu: "2", memory: "0"));
        Assert.Equal(helps, Helps("NodeResourcesFit", pod, what switch
        {
            "somebody leaves" => Gone(PodInfo.From(A.Pod("other", "node-0", cpu: "0", memory: "0"))),
            "cpu is given back" => Shrunk(A.Pod("other", cpu: "2"), A.Pod("other", cpu: "1")),
            "memory is given back" => Shrunk(A.Pod("other", memory: "2Gi"), A.Pod("other", memory: "1Gi")),
            "a node large enough" => Node(EventActions.UpdateNodeAllocatable, A.Node(cpu: "2")),
            _ => Node(EventActions.UpdateNodeAllocatable, A.Node(cpu: "1")),
        }));
    }

    [Theory]
    [InlineData("a user of its claim leaves", true), InlineData("a user of another namespace leaves", false), InlineData("somebody without claims leaves", false)]
    [InlineData("its claim changes", true), InlineData("another claim changes", false)]
    [InlineData("a node comes", true)]
    public void VolumeRestrictions(string what, bool helps) => Assert.Equal(helps, Helps("VolumeRestrictions", Claiming(), what switch
    {
        "a user of its claim leaves" => Gone(Claiming()),
        "a user of another namespace leaves" => Gone(Claiming("other")),
        "somebody without claims leaves" => Gone(Pod()),
        "a node comes" => Node(EventActions.Add, A.Node()),
        _ => Claim(what == "its claim changes" ? "data" : "other"),
    }));

    [Theory, InlineData("iqn-a", true), InlineData("iqn-b", false)]
    public void VolumeRestrictions_of_disks(string iqn, bool helps) => Assert.Equal(helps, Helps("VolumeRestrictions", Disk("iqn-a"), Gone(Disk(iqn))));

    [Theory]
    [InlineData("a volume is detached", true), InlineData("a volume is attached", false)]
    [InlineData("somebody with claims leaves", true), InlineData("somebody without claims leaves", false)]
    [InlineData("its claim changes", true), InlineData("another claim changes", false)]
    [InlineData("a CSI node changes", true)]
    public void NodeVolumeLimits(string what, bool helps) => Assert.Equal(helps, Helps("NodeVolumeLimits", Claiming(), what switch
    {
        "a volume is detached" => new(EventResource.VolumeAttachment, EventActions.Delete),
        "a volume is attached" => new(EventResource.VolumeAttachment, EventActions.Add),
        "somebody with claims leaves" => Gone(Claiming("other")),
        "somebody without claims leaves" => Gone(Pod()),
        "a CSI node changes" => new(EventResource.CsiNode, EventActions.Update),
        _ => Claim(what == "its claim changes" ? "data" : "other"),
    }));

    [Theory]
    [InlineData("its claim changes", true), InlineData("another claim changes", false)]
    [InlineData("a volume comes", true), InlineData("a class comes", true), InlineData("a node's labels change", true), InlineData("room is told of", true)]
    [InlineData("a driver tells its room", false), InlineData("a driver tells no room any more", true)]
    [InlineData("somebody leaves", false)]
    public void VolumeBinding(string what, bool helps) => Assert.Equal(helps, Helps("VolumeBinding", Claiming(), what switch
    {
        "a volume comes" => new(EventResource.PersistentVolume, EventActions.Add),
        "a class comes" => new(EventResource.StorageClass, EventActions.Add),
        "a node's labels change" => Node(EventActions.UpdateNodeLabel, A.Node()),
        "room is told of" => new(EventResource.CsiStorageCapacity, EventActions.Add),
        "a driver tells its room" => new(EventResource.CsiDriver, EventActions.Update) { Object = new CSIDriver { Spec = new() { StorageCapacity = true } } },
        "a driver tells no room any more" => new(EventResource.CsiDriver, EventActions.Update) { Object = new CSIDriver() },
        "somebody leaves" => Gone(Claiming()),
        _ => Claim(what == "its claim changes" ? "data" : "other"),
    }));

    [Theory]
    [InlineData("its claim changes", true), InlineData("another claim changes", false)]
    [InlineData("a volume changes", true), InlineData("a node comes", true), InlineData("a node's taints change", false)]
    public void VolumeZone(string what, bool helps) => Assert.Equal(helps, Helps("VolumeZone", Claiming(), what switch
    {
        "a volume changes" => new(EventResource.PersistentVolume, EventActions.Update),
        "a node comes" => Node(EventActions.Add, A.Node()),
        "a node's taints change" => Node(EventActions.UpdateNodeTaint, A.Node()),
        _ => Claim(what == "its claim changes" ? "data" : "other"),
    }));

    [Theory]
    [InlineData("one of the selection comes", true), InlineData("one of the selection leaves", true), InlineData("one gets the labels", true)]
    [InlineData("another comes", false), InlineData("one of another namespace comes", false)]
    [InlineData("a node of a domain comes", true), InlineData("a node outside of the domains comes", false), InlineData("a node leaves", true)]
    [InlineData("its own labels change", true), InlineData("its own tolerations change", true)]
    public void PodTopologySpread(string what, bool helps)
    {
        var pod = Pod(spec => spec.TopologySpreadConstraints = [new() { MaxSkew = 1, TopologyKey = "zone", WhenUnsatisfiable = "DoNotSchedule", LabelSelector = A.Selector(A.WebLabels) }]);
        Assert.Equal(helps, Helps("PodTopologySpread", pod, what switch
        {
            "one of the selection leaves" => Gone(Placed()),
            "one gets the labels" => new(EventResource.AssignedPod, EventActions.UpdatePodLabel) { OldPod = Placed("db"), Pod = Placed() },
            "one of the selection comes" => Came(Placed()),
            "another comes" => Came(Placed("db")),
            "one of another namespace comes" => Came(Placed(ns: "other")),
            "a node of a domain comes" => Node(EventActions.Add, A.Node(labels: A.Labels("zone", "a"))),
            "a node outside of the domains comes" => Node(EventActions.Add, A.Node()),
            "a node leaves" => new(EventResource.Node, EventActions.Delete),
            "its own labels change" => new(EventResource.UnscheduledPod, EventActions.UpdatePodLabel) { OldPod = pod, Pod = pod },
            _ => new(EventResource.UnscheduledPod, EventActions.UpdatePodTolerations) { OldPod = pod, Pod = pod },
        }));
    }

    [Theory]
    [InlineData("one it wants to be near comes", true), InlineData("another comes", false)]
    [InlineData("one it keeps away from leaves", true), InlineData("one that keeps away from it leaves", true)]
    [InlineData("a node gets labels", true), InlineData("a node's taints change", false)]
    [InlineData("a namespace gets labels", true), InlineData("its own labels change", true)]
    public void InterPodAffinity(string what, bool helps)
    {
        var pod = Pod(spec => spec.Affinity = new()
        {
            PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [Term("db")] },
            PodAntiAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [Term("noisy")] },
        });
        var shy = A.Pod("shy", labels: A.Labels("app", "shy"));
        shy.Spec.Affinity = new() { PodAntiAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [Term("web")] } };
        Assert.Equal(helps, Helps("InterPodAffinity", pod, what switch
        {
            "one it wants to be near comes" => Came(Placed("db")),
            "another comes" => Came(Placed("cache")),
            "one it keeps away from leaves" => Gone(Placed("noisy")),
            "one that keeps away from it leaves" => Gone(PodInfo.From(shy)),
            "a node gets labels" => Node(EventActions.UpdateNodeLabel, A.Node()),
            "a node's taints change" => Node(EventActions.UpdateNodeTaint, A.Node()),
            "a namespace gets labels" => new(EventResource.Namespace, EventActions.Update),
            _ => new(EventResource.UnscheduledPod, EventActions.UpdatePodLabel) { OldPod = pod, Pod = pod },
        }));
    }

    [Fact]
    public void SchedulingGates()
    {
        var gated = Pod(spec => spec.SchedulingGates = [new() { Name = "quota" }]);
        Assert.True(Helps("SchedulingGates", gated, new(EventResource.UnscheduledPod, EventActions.UpdatePodSchedulingGates) { OldPod = gated, Pod = Pod() }));
        Assert.False(Helps("SchedulingGates", gated, Node(EventActions.Add, A.Node())));
    }

    [Fact]
    public void Nothing_helps_a_pod_whose_devices_nobody_allocates() => Assert.Empty(stage.Profile.Registrations["DynamicResources"]);

    [Fact]
    public void A_node_that_can_take_less_is_no_event()
    {
        Assert.Equal(default, ClusterEvents.OfNode(A.Node(cpu: "4"), A.Node(cpu: "2")));
        Assert.Equal(EventActions.UpdateNodeAllocatable, ClusterEvents.OfNode(A.Node(cpu: "2", memory: "2Gi"), A.Node(cpu: "4", memory: "1Gi")));
    }

    private bool Helps(string plugin, PodInfo pod, ClusterEvent change) => stage.Profile.Registrations[plugin]
        .Any(registration => registration.Covers(change) && registration.Helps?.Invoke(pod, change) != false);

    private static ClusterEvent Node(EventActions action, Node node)
    {
        var info = new NodeInfo(node.Metadata.Name);
        info.SetNode(node);
        return new(EventResource.Node, action) { Node = info };
    }

    private static ClusterEvent Came(PodInfo pod) => new(EventResource.AssignedPod, EventActions.Add) { Pod = pod };

    private static ClusterEvent Gone(PodInfo pod) => new(EventResource.AssignedPod, EventActions.Delete) { OldPod = pod };

    private static ClusterEvent Shrunk(Pod before, Pod now) =>
        new(EventResource.AssignedPod, ClusterEvents.OfPod(PodInfo.From(before), PodInfo.From(now))) { OldPod = PodInfo.From(before), Pod = PodInfo.From(now) };

    private static ClusterEvent Claim(string name) =>
        new(EventResource.PersistentVolumeClaim, EventActions.Update) { Object = new PersistentVolumeClaim { Metadata = A.Meta(name) } };

    private static PodInfo Pod(Action<PodSpec>? change = null, string ns = "default")
    {
        var pod = A.Pod(ns: ns);
        change?.Invoke(pod.Spec);
        return PodInfo.From(pod);
    }

    private static PodInfo Placed(string app = "web", string ns = "default") => PodInfo.From(A.Pod("other", "node-0", labels: A.Labels("app", app), ns: ns));

    private static PodInfo Port(int port) => Pod(spec => spec.Containers![0].Ports = [new() { HostPort = port }]);

    private static PodInfo Claiming(string ns = "default") => Pod(spec => spec.Volumes = [new() { Name = "v", PersistentVolumeClaim = new() { ClaimName = "data" } }], ns);

    private static PodInfo Disk(string iqn) => Pod(spec => spec.Volumes = [new() { Name = "v", Iscsi = new() { Iqn = iqn } }]);

    private static PodAffinityTerm Term(string app) => new() { TopologyKey = "zone", LabelSelector = A.Selector(A.Labels("app", app)) };
}
