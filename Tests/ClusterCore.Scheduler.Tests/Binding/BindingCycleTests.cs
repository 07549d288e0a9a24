using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Plugins.DefaultBinder;
using Flotilla.ClusterCore.Scheduler.Plugins.PrioritySort;
using Flotilla.ClusterCore.Scheduler.Queue;
using Flotilla.ClusterCore.Scheduler.Tests.Fakes;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Scheduler.Tests.Binding;

/// <summary>From the chosen node to the bound pod, or back: Reserve, Permit, PreBind, Bind.</summary>
public sealed class BindingCycleTests : IAsyncDisposable
{
    private static readonly PodInfo Pod = PodInfo.From(A.Pod("web"));

    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly List<string> notes = [];
    private readonly FakeWriter writer = new();
    private readonly SchedulerInbox inbox = new();
    private readonly ClusterState state = new(new FakeNamespaces());
    private readonly ScriptedPlugin first;
    private readonly ScriptedPlugin second;
    private readonly ScriptedPlugin third;
    private readonly SchedulingQueue queue;
    private readonly SchedulingLoop loop;
    private readonly Task writing;

    public BindingCycleTests()
    {
        (first, second, third) = (new("first", notes), new("second", notes), new("third", notes));
        IPlugin[] plugins = [new PrioritySortPlugin(), first, second, third, new DefaultBinderPlugin(writer)];
        var profile = new Profile("default-scheduler", plugins.ToDictionary(plugin => plugin.Name), Array.ConvertAll(plugins, plugin => new Scheduler.Configuration.PluginReference(plugin.Name)), new());
        queue = new(new Dictionary<string, Profile> { ["default-scheduler"] = profile }, new(), clock);
        var writes = new WriteQueue(4, NullLogger.Instance);
        writing = writes.RunAsync(stopping.Token);
        loop = new(new Dictionary<string, SchedulingProfile> { ["default-scheduler"] = new(profile, new(profile, 100, new(1))) }, state, queue, inbox, writes, writer, clock, NullLogger.Instance);
        state.SetNode(A.Node("node-0"));
    }

    [Fact]
    public async Task A_pod_that_nothing_holds_up_is_bound_at_once()
    {
        await ScheduleAsync();
        await WroteAsync("web is bound to node-0");
        Assert.Equal(["reserve first", "reserve second", "reserve third", "permit first", "permit second", "permit third"], notes);
    }

    [Fact]
    public async Task What_one_refuses_all_give_back_in_the_reverse_order()
    {
        second.Reservation = Status.Unschedulable("second", "it is taken");
        await ScheduleAsync();
        await WroteAsync("web is Unschedulable: 0/1 nodes are available: 1 it is taken.");
        Assert.Equal(["reserve first", "reserve second", "unreserve third", "unreserve second", "unreserve first"], notes);
        Assert.Equal((0, 1), (state.PodCount, queue.UnschedulableCount));
    }

    [Fact]
    public async Task An_error_says_where_it_happened_and_is_tried_again()
    {
        second.Reservation = Status.Error("second", "it is broken");
        await ScheduleAsync();
        await WroteAsync("web is SchedulerError: running Reserve plugin \"second\": it is broken");
        Assert.Equal((0, 1), (queue.UnschedulableCount, queue.BackoffCount));
    }

    [Fact]
    public async Task Who_is_not_permitted_gives_its_place_back_before_anybody_is_told_of_it()
    {
        second.Permission = new(Status.Unschedulable("second", "not today"));
        await ScheduleAsync();
        await WroteAsync("web is Unschedulable: 0/1 nodes are available: 1 not today.");
        Assert.Equal(["permit first", "permit second", "unreserve third", "unreserve second", "unreserve first"], notes.Skip(3));
        Assert.Equal(0, state.PodCount);
    }

    [Fact]
    public async Task Who_has_to_wait_is_bound_when_all_allow_it()
    {
        var (one, other) = (Waits(first), Waits(third));
        await ScheduleAsync();
        await WroteAsync("web will be on node-0");
        one.SetResult(null);
        Assert.Equal(1, state.PodCount);
        other.SetResult(null);
        await WroteAsync("web will be on node-0", "web is bound to node-0");
    }

    [Fact]
    public async Task Who_is_refused_while_it_waits_loses_its_place_and_its_promise()
    {
        _ = Waits(first);
        var other = Waits(second);
        await ScheduleAsync();
        await WroteAsync("web will be on node-0");
        other.SetResult(Status.Unschedulable("second", "the others did not come"));
        await WroteAsync("web will be on node-0", "web is Unschedulable: 0/1 nodes are available: 1 the others did not come. node-0 is taken back");
        Assert.Equal((0, 1), (state.PodCount, queue.UnschedulableCount));
    }

    [Theory, InlineData(90, "1m30s"), InlineData(3600, "15m0s")]
    public async Task Nobody_waits_longer_than_asked_for_nor_longer_than_fifteen_minutes(int seconds, string limit)
    {
        _ = Waits(second, TimeSpan.FromSeconds(seconds));
        await ScheduleAsync();
        await WroteAsync("web will be on node-0");
        clock.Advance(TimeSpan.FromSeconds(Math.Min(seconds, 900)));
        await WroteAsync("web will be on node-0",
            $"web is Unschedulable: 0/1 nodes are available: 1 rejected due to timeout after waiting {limit} at plugin second. node-0 is taken back");
    }

    [Fact]
    public async Task A_pod_that_is_deleted_while_it_waits_gives_its_place_back_at_once()
    {
        _ = Waits(second);
        await ScheduleAsync();
        await WroteAsync("web will be on node-0");
        queue.Remove(Pod.Uid);
        state.RemovePod(Pod.Uid);
        await Eventually.TrueAsync(() =>
        {
            inbox.Drain();
            return notes.Count == 9;
        }, "all give back what they kept");
        Assert.Equal(["unreserve third", "unreserve second", "unreserve first"], notes.Skip(6));
        Assert.Equal(["web will be on node-0"], writer.Notes);
        Assert.Equal((0, 0, 0), (queue.ActiveCount, queue.BackoffCount, queue.UnschedulableCount));
    }

    [Fact]
    public async Task An_error_while_it_waits_is_told_as_one()
    {
        var answer = Waits(second);
        await ScheduleAsync();
        answer.SetResult(Status.Error("second", "it is broken"));
        await WroteAsync("web will be on node-0", "web is SchedulerError: waiting on permit for pod: it is broken node-0 is taken back");
    }

    [Fact]
    public async Task A_preparation_that_fails_takes_the_promise_back()
    {
        second.Preparation = Task.FromResult<Status?>(Status.Error("second", "no volume"));
        await ScheduleAsync();
        await WroteAsync("web will be on node-0", "web is SchedulerError: running PreBind plugin \"second\": no volume node-0 is taken back");
        Assert.Equal(["unreserve third", "unreserve second", "unreserve first"], notes.TakeLast(3));
    }

    [Fact]
    public async Task A_preparation_that_refuses_names_the_reason_of_its_one_node()
    {
        second.Preparation = Task.FromResult<Status?>(Status.Unschedulable("second", "no volume here"));
        await ScheduleAsync();
        await WroteAsync("web will be on node-0", "web is Unschedulable: 0/1 nodes are available: 1 no volume here. node-0 is taken back");
        // Its own leaving the node is an event its plugin waits for, but none that helps it.
        Assert.Equal((1, 0), (queue.UnschedulableCount, queue.BackoffCount));
    }

    [Fact]
    public async Task A_refused_binding_takes_the_promise_back_too()
    {
        second.Preparation = Task.FromResult<Status?>(null);
        writer.Refusal = "somebody was faster";
        await ScheduleAsync();
        await WroteAsync("web will be on node-0", "web is SchedulerError: running Bind plugin \"DefaultBinder\": somebody was faster node-0 is taken back");
    }

    [Fact]
    public async Task What_happened_meanwhile_may_be_what_a_refused_pod_would_wait_for()
    {
        var answer = Waits(second);
        await ScheduleAsync();
        queue.Notify(new(EventResource.AssignedPod, EventActions.Delete));
        answer.SetResult(Status.Unschedulable("second", "no"));
        await WroteAsync("web will be on node-0", "web is Unschedulable: 0/1 nodes are available: 1 no. node-0 is taken back");
        Assert.Equal((0, 1), (queue.UnschedulableCount, queue.BackoffCount));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private static TaskCompletionSource<Status?> Waits(ScriptedPlugin plugin, TimeSpan? limit = null)
    {
        var answer = new TaskCompletionSource<Status?>(TaskCreationOptions.RunContinuationsAsynchronously);
        plugin.Permission = new(Answer: answer.Task, Limit: limit ?? TimeSpan.FromMinutes(1));
        return answer;
    }

    private async Task ScheduleAsync()
    {
        queue.Add(Pod);
        await loop.ScheduleAsync(queue.Pop()!, stopping.Token);
    }

    private async Task WroteAsync(params string[] expected)
    {
        await Eventually.TrueAsync(() =>
        {
            inbox.Drain();
            return writer.Notes.Length >= expected.Length;
        }, expected[^1]);
        Assert.Equal(expected, writer.Notes);
    }
}
