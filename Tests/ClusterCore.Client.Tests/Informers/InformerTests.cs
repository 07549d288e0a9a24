using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;

namespace Flotilla.ClusterCore.Client.Tests.Informers;

public sealed class InformerTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly List<string> changes = [];
    private Task running = Task.CompletedTask;

    [Fact]
    public async Task What_exists_is_added_and_what_changes_is_told()
    {
        api.Put(Kinds.Pods, A.Pod("a"));
        var pods = await StartAsync();
        api.Put(Kinds.Pods, A.Pod("b"));
        await Seen("+b");
        api.Put(Kinds.Pods, A.Pod("b", node: "node-0"));
        await Seen("~b");
        await api.Client().DeleteAsync(Kinds.Pods, "default", "a", CancellationToken.None);
        await Seen("-a");
        Assert.Equal("b", Assert.Single(pods.List()).Metadata.Name);
    }

    [Fact]
    public async Task A_broken_watch_resumes_without_listing_again()
    {
        await StartAsync();
        await Eventually.TrueAsync(() => Watches() == 1, "a watch is open");
        api.DropWatches();
        await Eventually.TrueAsync(() => Watches() == 2, "the watch is open again");
        api.Put(Kinds.Pods, A.Pod("late"));
        await Seen("+late");
        Assert.Equal(1, Lists());
    }

    [Fact]
    public async Task An_expired_version_is_listed_again_and_lost_deletions_are_told()
    {
        api.Put(Kinds.Pods, A.Pod("a"), A.Pod("b"));
        await StartAsync();
        await Eventually.TrueAsync(() => Watches() == 1, "a watch is open");
        api.On(HttpMethod.Get, "watch=true", () => FakeApi.Refuse(410, "Expired"));
        api.DropWatches();
        await api.Client().DeleteAsync(Kinds.Pods, "default", "a", CancellationToken.None);
        await Seen("-a");
        Assert.Equal(2, Lists());
    }

    [Fact]
    public async Task A_resource_that_the_server_does_not_serve_has_no_objects()
    {
        api.On(HttpMethod.Get, "pods", () => FakeApi.Refuse(404, "NotFound"));
        var pods = await StartAsync();
        Assert.False(pods.IsServed);
        Assert.Empty(pods.List());
        Assert.Equal(0, Watches());
    }

    [Fact]
    public async Task What_can_be_done_without_is_not_waited_for_while_it_is_forbidden()
    {
        api.Put(Kinds.Pods, A.Pod("a"));
        api.On(HttpMethod.Get, "pods", () => FakeApi.Refuse(403, "Forbidden"), int.MaxValue);
        var pods = await StartAsync(doWithoutAfter: TimeSpan.Zero);
        Assert.Empty(pods.List());
        await Eventually.TrueAsync(() => Lists() > 2, "it is asked for again");
    }

    [Fact]
    public async Task What_cannot_be_done_without_is_waited_for()
    {
        api.Put(Kinds.Pods, A.Pod("a"));
        api.On(HttpMethod.Get, "pods", () => FakeApi.Refuse(403, "Forbidden"), 4);
        var pods = await StartAsync();
        Assert.Single(pods.List());
    }

    [Fact]
    public async Task Indexes_follow_changes()
    {
        var replicaSet = A.ReplicaSet(2);
        api.Put(Kinds.Pods, A.Pods(2, replicaSet));
        var pods = await StartAsync();
        pods.IndexByNode().IndexByController().IndexByLabel("app");
        Assert.Equal(2, pods.OnNode("node-0").Length);
        Assert.Equal(2, pods.ControlledBy(replicaSet.Metadata.Uid!).Length);
        api.Put(Kinds.Pods, A.Pod("web-0", node: "node-1"));
        await Seen("~web-0");
        Assert.Single(pods.OnNode("node-0"));
        Assert.Single(pods.WithoutController("default"));
        Assert.Equal(2, pods.WithLabel("app", "web").Length);
    }

    [Fact]
    public async Task A_late_handler_hears_of_what_is_already_there()
    {
        api.Put(Kinds.Pods, A.Pod("a"));
        var pods = await StartAsync();
        var late = new List<string>();
        pods.AddHandler(change => late.Add(change.Key.Name));
        Assert.Equal(["a"], late);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }

    private async Task<Informer<Pod>> StartAsync(TimeSpan? doWithoutAfter = null)
    {
        var options = new InformerOptions<Pod> { RetryAfter = TimeSpan.FromMilliseconds(1), DoWithoutAfter = doWithoutAfter };
        var pods = new Informer<Pod>(api.Client(), Kinds.Pods, options);
        pods.AddHandler(change =>
        {
            lock (changes)
            {
                changes.Add((change.IsAdded ? "+" : change.IsDeleted ? "-" : "~") + change.Key.Name);
            }
        });
        running = pods.RunAsync(stopping.Token);
        await pods.WaitForSyncAsync(CancellationToken.None);
        return pods;
    }

    private Task Seen(string change) => Eventually.TrueAsync(
        () =>
        {
            lock (changes)
            {
                return changes.Contains(change);
            }
        },
        change);

    private int Watches() => Reads(watch: true);

    private int Lists() => Reads(watch: false);

    private int Reads(bool watch)
    {
        lock (api.Requests)
        {
            return api.Requests.Count(request => request.Method == HttpMethod.Get && request.Path.Contains("watch=true") == watch);
        }
    }
}
