using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Queue;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Queue;

public sealed class SchedulingQueueTests
{
    private static readonly HashSet<string> Fit = ["NodeResourcesFit"];
    private readonly ManualClock clock = new();
    private readonly SchedulingQueue queue;

    public SchedulingQueueTests() =>
        queue = new(new Dictionary<string, Profile> { ["default-scheduler"] = new Stage().Profile }, new QueueOptions(), clock);

    [Fact]
    public void The_more_important_come_first_and_then_those_who_waited_longer()
    {
        queue.Add(Pod("a"));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        queue.Add(Pod("b", priority: 5));
        queue.Add(Pod("c", priority: 5));
        Assert.Equal(["b", "c", "a"], [PopName(), PopName(), PopName()]);
        Assert.Null(queue.Pop());
    }

    [Fact]
    public void An_unschedulable_pod_waits_for_an_event_of_a_plugin_that_rejected_it()
    {
        Fail(Pod("a", cpu: "2"));
        queue.Notify(new(EventResource.Namespace, EventActions.Update));
        Assert.Null(queue.Pop());
        queue.Notify(new(EventResource.Node, EventActions.Add) { Node = Node("small", "1") });
        Assert.Null(queue.Pop());
        clock.Advance(TimeSpan.FromSeconds(2));
        queue.Notify(new(EventResource.Node, EventActions.Add) { Node = Node("large", "4") });
        Assert.Equal("a", PopName());
    }

    [Theory, InlineData(1, 1), InlineData(2, 2), InlineData(3, 4), InlineData(4, 8), InlineData(5, 10), InlineData(9, 10)]
    public void Each_failure_doubles_the_wait_up_to_ten_seconds(int attempts, int seconds)
    {
        var pod = Pod("a");
        queue.Add(pod);
        for (var attempt = 1; attempt < attempts; attempt++)
        {
            queue.Return(queue.Pop()!, new HashSet<string>());
            clock.Advance(TimeSpan.FromSeconds(11));
        }
        queue.Return(queue.Pop()!, new HashSet<string>());
        Assert.Equal(clock.GetUtcNow().AddSeconds(seconds), queue.NextDue);
        clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Null(queue.Pop());
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", PopName());
    }

    [Fact]
    public void An_idle_queue_does_not_let_a_pod_wait_that_something_may_have_helped()
    {
        Fail(Pod("a"));
        queue.Notify(new(EventResource.Node, EventActions.Add) { Node = Node("n", "4") });
        Assert.Equal((0, 1), (queue.ActiveCount, queue.BackoffCount));
        Assert.Equal("a", PopName());
    }

    [Fact]
    public void Nothing_waits_longer_than_five_minutes()
    {
        Fail(Pod("a"));
        clock.Advance(TimeSpan.FromSeconds(299));
        queue.FlushUnschedulable();
        Assert.Equal(1, queue.UnschedulableCount);
        clock.Advance(TimeSpan.FromSeconds(1));
        queue.FlushUnschedulable();
        Assert.Equal("a", PopName());
    }

    [Fact]
    public void A_gated_pod_waits_until_its_gates_are_gone()
    {
        var gated = Pod("a", gates: "quota");
        queue.Add(gated);
        queue.Notify(new(EventResource.Node, EventActions.Add) { Node = Node("n", "4") });
        Assert.Null(queue.Pop());
        queue.Update(Pod("a"), EventActions.UpdatePodSchedulingGates);
        Assert.Equal("a", PopName());
    }

    [Theory, InlineData("PodTopologySpread"), InlineData("InterPodAffinity")]
    public void A_pod_whose_own_labels_decided_is_looked_at_again_when_they_change(string rejectedBy)
    {
        queue.Add(Pod("a"));
        queue.Return(queue.Pop()!, new HashSet<string>([rejectedBy]));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(queue.Pop());
        queue.Update(Pod("a"), EventActions.UpdatePodLabel);
        Assert.Equal("a", PopName());
    }

    [Fact]
    public void A_pod_that_was_deleted_while_it_was_tried_does_not_come_back()
    {
        queue.Add(Pod("a"));
        var tried = queue.Pop()!;
        queue.Remove(tried.Pod.Uid);
        queue.Return(tried, Fit);
        Assert.Equal((0, 0, 0), (queue.ActiveCount, queue.BackoffCount, queue.UnschedulableCount));
    }

    private void Fail(PodInfo pod)
    {
        queue.Add(pod);
        queue.Return(queue.Pop()!, Fit);
    }

    private string PopName() => queue.Pop()?.Pod.Name ?? "nobody";

    private static PodInfo Pod(string name, int priority = 0, string cpu = "100m", params string[] gates)
    {
        var pod = A.Pod(name, cpu: cpu);
        pod.Spec!.Priority = priority;
        pod.Spec.SchedulingGates = gates.Length == 0 ? null : Array.ConvertAll(gates, gate => new PodSchedulingGate { Name = gate });
        return PodInfo.From(pod);
    }

    private static NodeInfo Node(string name, string cpu)
    {
        var node = new NodeInfo(name);
        node.SetNode(A.Node(name, cpu: cpu));
        return node;
    }
}
