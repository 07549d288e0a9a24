using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Queue;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

public sealed class ClusterWatcherTests
{
    private readonly Stage stage = new Stage().With(A.Node("node-0"), A.Node("node-1"));
    private readonly SchedulerInbox inbox = new();
    private readonly SchedulingQueue queue;
    private readonly ClusterWatcher watcher;

    public ClusterWatcherTests()
    {
        queue = new(new Dictionary<string, Profile> { ["default-scheduler"] = stage.Profile }, new(), new ManualClock());
        watcher = new(stage.State, queue, new HashSet<string> { "default-scheduler" }, inbox);
    }

    private Nominations Nominations => stage.State.Snapshot.Nominations;

    [Fact]
    public void A_promise_is_followed_as_the_API_tells_it()
    {
        See(Nominated(null));
        See(Nominated("node-0"));
        Assert.Equal("node-0", NodeOf());
        See(Nominated("node-1"));
        Assert.Equal("node-1", NodeOf());
        See(Nominated(null));
        Assert.Null(NodeOf());
    }

    [Fact]
    public void A_promise_that_the_API_has_not_heard_of_yet_stands()
    {
        See(Nominated(null));
        Nominations.Set(PodInfo.From(Nominated(null)), "node-0");
        See(Nominated(null));
        Assert.Equal("node-0", NodeOf());
    }

    [Fact]
    public void What_was_taken_back_here_does_not_return_before_the_API_has_heard_of_it()
    {
        See(Nominated("node-0"));
        Nominations.Remove(PodInfo.From(Nominated(null)).Uid);
        See(Nominated("node-0"));
        Assert.Null(NodeOf());
    }

    [Fact]
    public void A_pod_on_its_way_out_is_promised_nothing()
    {
        See(Nominated("node-0"));
        var leaving = Nominated("node-0");
        leaving.Metadata.DeletionTimestamp = A.Noon;
        See(leaving);
        Assert.Null(NodeOf());
        Assert.Null(queue.Pop());
    }

    [Fact]
    public void A_pod_that_changes_while_it_is_bound_comes_back_changed()
    {
        See(Nominated(null));
        var queued = queue.Pop()!;
        stage.State.Assume(queued.Pod, stage.State.Snapshot.Find("node-0")!);
        var changed = Nominated("node-0");
        changed.Metadata.Labels = A.Labels("app", "other");
        See(changed);
        Assert.Equal(("other", "node-0"), (queued.Pod.Labels["app"], queued.Pod.NominatedNodeName));
        Assert.Null(queue.Pop());
    }

    [Fact]
    public void A_late_word_of_a_pod_that_was_bound_brings_it_not_back()
    {
        See(Nominated(null));
        var queued = queue.Pop()!;
        stage.State.Assume(queued.Pod, stage.State.Snapshot.Find("node-0")!);
        queue.Remove(queued.Pod.Uid);
        See(Nominated("node-0"));
        Assert.Null(queue.Pop());
    }

    private void See(Pod pod)
    {
        watcher.OnPod(new(pod, pod));
        inbox.Drain();
    }

    private string? NodeOf() => Nominations.NodeOf("uid-default-web-0");

    private static Pod Nominated(string? node)
    {
        var pod = A.Pod();
        pod.Status.NominatedNodeName = node;
        return pod;
    }
}
