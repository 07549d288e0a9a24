using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.DaemonSets;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.DaemonSets;

public sealed class DaemonSetPlanTests
{
    private static readonly Node[] Nodes = [A.Node("a"), A.Node("b"), A.Node("c", taints: [new() { Key = "dedicated", Effect = "NoSchedule" }])];

    [Fact]
    public void Each_node_that_fits_gets_one()
    {
        var plan = Plan(Set(), [Pod("a")]);
        Assert.Equal(["b"], plan.CreateOn);
        Assert.Equal((2, 1), (plan.Status.DesiredNumberScheduled, plan.Status.CurrentNumberScheduled));
    }

    [Fact]
    public void A_daemon_stays_on_a_node_that_only_became_unschedulable_for_it()
    {
        Assert.Empty(Plan(Set(), [Pod("a"), Pod("b"), Pod("c")]).Delete);
        var evicting = A.Node("c", taints: [new() { Key = "dedicated", Effect = "NoExecute" }]);
        var plan = DaemonSetPlan.Compute(Set(), new(), [evicting], [Pod("c")], "new", A.Noon);
        Assert.Single(plan.Delete);
    }

    [Fact]
    public void A_node_selector_limits_the_nodes()
    {
        var daemon = new PodSpec { NodeSelector = A.Labels("kubernetes.io/hostname", "b") };
        Assert.Equal(["b"], DaemonSetPlan.Compute(Set(), daemon, Nodes, [], "new", A.Noon).CreateOn);
    }

    [Fact]
    public void Ailing_nodes_keep_their_daemons()
    {
        var ailing = A.Node("a", taints:
        [
            new() { Key = "node.kubernetes.io/not-ready", Effect = "NoExecute" },
            new() { Key = "node.kubernetes.io/disk-pressure", Effect = "NoSchedule" },
            new() { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" },
        ]);
        Assert.Equal(["a"], DaemonSetPlan.Compute(Set(), new(), [ailing], [], "new", A.Noon).CreateOn);
    }

    [Fact]
    public void Old_daemons_are_replaced_one_node_at_a_time()
    {
        Assert.Single(Plan(Set(), [Pod("a", "old"), Pod("b", "old")]).Delete);
        Assert.Empty(Plan(Set(), [Pod("a", "old"), Pod("b", ready: false)]).Delete);
    }

    [Fact]
    public void A_surging_update_puts_the_new_beside_the_old_first()
    {
        var set = Set();
        set.Spec.UpdateStrategy!.RollingUpdate = new() { MaxSurge = 1, MaxUnavailable = 0 };
        var first = Plan(set, [Pod("a", "old"), Pod("b", "old")]);
        Assert.Equal((1, 0), (first.CreateOn.Count, first.Delete.Count));
        var second = Plan(set, [Pod("a", "old"), Pod("a", "new", name: "a2"), Pod("b", "old")]);
        Assert.Equal("a-old", Assert.Single(second.Delete).Metadata.Name);
    }

    [Fact]
    public void A_failed_daemon_is_deleted()
    {
        var failed = Pod("a");
        failed.Status.Phase = "Failed";
        Assert.Single(Plan(Set(), [failed, Pod("b")]).Failed);
    }

    private static DaemonSetPlan Plan(DaemonSet set, Pod[] pods) => DaemonSetPlan.Compute(set, new(), Nodes, pods, "new", A.Noon);

    private static DaemonSet Set() => new()
    {
        ApiVersion = "apps/v1",
        Kind = "DaemonSet",
        Metadata = A.Meta("web"),
        Spec = new() { Selector = A.Selector(), Template = A.Template(), UpdateStrategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxUnavailable = 1 } } },
    };

    private static Pod Pod(string node, string hash = "new", bool ready = true, string? name = null) =>
        A.Pod(name ?? $"{node}-{hash}", node, "Running", ready, labels: A.Labels("app", "web", "controller-revision-hash", hash));
}
