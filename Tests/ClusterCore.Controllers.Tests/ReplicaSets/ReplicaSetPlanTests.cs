using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.ReplicaSets;

public sealed class ReplicaSetPlanTests
{
    [Theory]
    [InlineData(3, 1, 2)]
    [InlineData(1, 3, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(2000, 0, 500)]
    public void Missing_pods_are_created(int replicas, int existing, int expected) =>
        Assert.Equal(expected, ReplicaSetPlan.Compute(A.ReplicaSet(replicas), A.Pods(existing), A.Noon).Create);

    [Theory]
    [InlineData(1, 3, 2)]
    [InlineData(3, 3, 0)]
    public void Surplus_pods_are_deleted(int replicas, int existing, int expected) =>
        Assert.Equal(expected, ReplicaSetPlan.Compute(A.ReplicaSet(replicas), A.Pods(existing), A.Noon).Delete.Count);

    [Fact]
    public void Finished_and_terminating_pods_do_not_count()
    {
        var set = A.ReplicaSet(2);
        var finished = A.Pod("a", phase: "Failed", owner: set);
        var going = A.Pod("b", phase: "Running", owner: set);
        going = going with { Metadata = going.Metadata with { DeletionTimestamp = A.Noon } };
        var plan = ReplicaSetPlan.Compute(set, [finished, going], A.Noon);
        Assert.Equal(2, plan.Create);
        Assert.Equal((0, 1), (plan.Status.Replicas, plan.Status.TerminatingReplicas));
    }

    [Fact]
    public void A_set_being_deleted_makes_and_deletes_nothing()
    {
        var set = A.ReplicaSet(2);
        set = set with { Metadata = set.Metadata with { DeletionTimestamp = A.Noon } };
        var plan = ReplicaSetPlan.Compute(set, A.Pods(5, set), A.Noon);
        Assert.Equal((0, 0), (plan.Create, plan.Delete.Count));
    }

    [Fact]
    public void Orphans_are_adopted_strangers_released_and_others_left_alone()
    {
        var set = A.ReplicaSet(1);
        var orphan = A.Pod("orphan");
        var stranger = A.Pod("stranger", owner: set, labels: A.Labels("app", "other"));
        var foreign = A.Pod("foreign", owner: A.ReplicaSet(1, "other"));
        var plan = ReplicaSetPlan.Compute(set, [orphan, stranger, foreign], A.Noon);
        Assert.Equal("orphan", Assert.Single(plan.Claim.Adopt).Metadata.Name);
        Assert.Equal("stranger", Assert.Single(plan.Claim.Release).Metadata.Name);
        Assert.Equal((0, 0), (plan.Create, plan.Delete.Count));
    }

    [Fact]
    public void A_pod_is_available_when_it_was_ready_for_long_enough()
    {
        var set = A.ReplicaSet(1);
        set.Spec.MinReadySeconds = 30;
        var early = ReplicaSetPlan.Compute(set, A.Pods(1, set), A.Noon.AddSeconds(10));
        Assert.Equal((1, 0), (early.Status.ReadyReplicas, early.Status.AvailableReplicas));
        Assert.Equal(TimeSpan.FromSeconds(20), early.RequeueAfter);
        Assert.Equal(1, ReplicaSetPlan.Compute(set, A.Pods(1, set), A.Noon.AddSeconds(30)).Status.AvailableReplicas);
    }

    [Fact]
    public void The_least_useful_pods_go_first()
    {
        var now = A.Noon.AddHours(1);
        var unassigned = A.Pod("unassigned");
        var pending = A.Pod("pending", node: "n1");
        var notReady = A.Pod("not-ready", node: "n1", phase: "Running");
        var cheap = A.Pod("cheap", node: "n1", phase: "Running", ready: true);
        cheap.Metadata.Annotations = A.Labels("controller.kubernetes.io/pod-deletion-cost", "-5");
        var crowded = A.Pod("crowded", node: "n1", phase: "Running", ready: true);
        var alone = A.Pod("alone", node: "n2", phase: "Running", ready: true);
        var order = DeletionOrder.Sort([alone, crowded, cheap, notReady, pending, unassigned], now).Select(pod => pod.Metadata.Name);
        Assert.Equal(["unassigned", "pending", "not-ready", "cheap", "crowded", "alone"], order);
    }

    [Fact]
    public void A_failure_is_a_condition_and_goes_when_it_is_over()
    {
        var failing = ReplicaFailure.Conditions(null, "FailedCreate", "exceeded quota", A.Noon);
        Assert.Equal(("ReplicaFailure", "exceeded quota"), (Assert.Single(failing!).Type, failing![0].Message));
        Assert.Empty(ReplicaFailure.Conditions(failing, null, null, A.Noon)!);
    }
}
