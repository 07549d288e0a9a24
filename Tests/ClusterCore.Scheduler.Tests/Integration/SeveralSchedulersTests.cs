using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Integration;

/// <summary>Schedulers that do not know of each other, against a real API server.</summary>
public sealed class SeveralSchedulersTests : IAsyncLifetime
{
    private const int Pods = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private Member server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await Member.StartAsync(null, "--components", "apiserver");
        await server.CreateAsync(Kinds.ServiceAccounts, "default", """{"metadata":{"name":"default"}}""");
        for (var index = 0; index < 4; index++) { await server.CreateNodeAsync($"node-{index}"); }
    }

    [Fact]
    public async Task Two_that_race_for_the_same_pods_bind_each_once()
    {
        for (var index = 0; index < Pods; index++) { await CreatePodAsync($"pod-{index}", KubeSchedulerProfile.DefaultName); }
        Start(new());
        Start(new());
        await WaitForBoundAsync(Pods);
        var told = Array.Empty<Event>();
        await Eventually.TrueAsync(async () => (told = await ScheduledAsync()).Length >= Pods, "the bindings are told of", Patience);
        // Only who bound a pod tells of it, and tells where to: no pod has two, and none is told of another node than its own.
        var nodeOf = (await server.ListAsync(Kinds.Pods, "default")).ToDictionary(pod => pod.Metadata.Name, pod => pod.Spec.NodeName);
        Assert.All(told.CountBy(one => one.InvolvedObject!.Name!), one => Assert.Equal(1, one.Value));
        Assert.All(told, one => Assert.Equal($"Successfully assigned default/{one.InvolvedObject!.Name} to {nodeOf[one.InvolvedObject.Name!]}", one.Message));
    }

    [Fact]
    public async Task Who_comes_second_gives_its_node_back_and_tells_nobody_that_it_bound()
    {
        // Somebody else binds the pod while the binding is on its way.
        using var late = new BeforeBinding("contended", async () =>
            (await server.Client.RequestAsync(HttpMethod.Post, Kinds.Pods.Path("default", "contended", "binding"), Binding("contended", "node-3"), CancellationToken.None)).OrThrow());
        using var client = server.ClientThrough(late);
        await CreatePodAsync("contended", KubeSchedulerProfile.DefaultName, cpu: "16");
        Start(new(), client);
        await Eventually.TrueAsync(() => late.Refused == 1, "the binding comes too late", Patience);
        // All four nodes are whole again: three take a pod that needs one, the fourth is the other's.
        for (var index = 0; index < 3; index++) { await CreatePodAsync($"large-{index}", KubeSchedulerProfile.DefaultName, cpu: "16"); }
        await WaitForBoundAsync(4);
        Assert.Equal(["node-0", "node-1", "node-2", "node-3"], (await BoundAsync()).Select(pod => pod.Spec.NodeName!).Order());
        Assert.Equal("node-3", (await BoundAsync()).Single(pod => pod.Metadata.Name == "contended").Spec.NodeName);
        await Eventually.TrueAsync(async () => (await ScheduledAsync()).Length == 3, "the others are told of", Patience);
        Assert.DoesNotContain(await ScheduledAsync(), told => told.InvolvedObject!.Name == "contended");
    }

    [Fact]
    public async Task A_conflict_is_tried_again_with_the_pod_there_is_now()
    {
        // The pod is made anew while the binding of the old one is on its way: its UID is another, and the API refuses.
        using var late = new BeforeBinding("renewed", async () =>
        {
            (await server.Client.DeleteAsync(Kinds.Pods, "default", "renewed", CancellationToken.None)).OrThrow();
            await CreatePodAsync("renewed", KubeSchedulerProfile.DefaultName);
        });
        using var client = server.ClientThrough(late);
        await CreatePodAsync("renewed", KubeSchedulerProfile.DefaultName);
        Start(new(), client);
        await WaitForBoundAsync(1);
        await Eventually.TrueAsync(() => (late.Refused, late.Taken) == (1, 1), "the old pod's binding is refused, the new one's taken", Patience);
        await Eventually.TrueAsync(async () => (await ScheduledAsync()).Length == 1, "it is told of", Patience);
        Assert.Equal((await BoundAsync())[0].Metadata.Uid, (await ScheduledAsync())[0].InvolvedObject!.Uid);
    }

    [Fact]
    public async Task Each_takes_the_pods_of_its_profiles_and_sees_what_the_others_placed()
    {
        Start(new() { Profiles = [new() { SchedulerName = "left" }] });
        Start(new() { Profiles = [new() { SchedulerName = "middle" }, new() { SchedulerName = "right" }] });
        // Eight for each of four nodes of sixteen CPUs: then all is full, whoever asks.
        for (var index = 0; index < 32; index++) { await CreatePodAsync($"pod-{index}", "left", cpu: "2"); }
        await WaitForBoundAsync(32);
        await CreatePodAsync("large", "right", cpu: "2");
        await CreatePodAsync("small", "middle", cpu: "0");
        await Eventually.TrueAsync(async () => (await ScheduledAsync()).Any(told => told.InvolvedObject?.Name == "small"), "the small pod is told of", Patience);
        Assert.Equal(["left", "middle"], (await ScheduledAsync()).Select(told => told.Source!.Component).Distinct().Order());
        await Eventually.TrueAsync(async () => (await ConditionAsync("large"))?.StartsWith("0/4 nodes are available: 4 Insufficient cpu.", StringComparison.Ordinal) == true,
            "the large pod is told why it waits", Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        await server.DisposeAsync();
    }

    private void Start(KubeSchedulerConfiguration configuration, ApiClient? client = null) => running.Add(Task.Run(() => SchedulerHost.RunAsync(
        client ?? server.Client, new() { LeaderElection = false, Configuration = configuration }, TimeProvider.System, stopping.Token)));

    private static JsonObject Binding(string pod, string node) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Binding",
        ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = "default" },
        ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
    };

    private Task CreatePodAsync(string name, string scheduler, string cpu = "100m") => server.CreateAsync(Kinds.Pods, "default", $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"schedulerName":"{{{{scheduler}}}}","tolerations":[{"operator":"Exists"}],
         "containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"{{{{cpu}}}}"}}}]}}
        """);

    private Task WaitForBoundAsync(int count) =>
        Eventually.TrueAsync(async () => (await BoundAsync()).Length == count, $"{count} pods are bound", Patience);

    private async Task<Pod[]> BoundAsync() => [.. (await server.ListAsync(Kinds.Pods, "default")).Where(pod => pod.Spec.NodeName is not null)];

    private async Task<string?> ConditionAsync(string pod) => (await server.Client.GetAsync(Kinds.Pods, "default", pod, CancellationToken.None))
        .OrThrow().Status.Conditions?.FirstOrDefault(one => one.Type == "PodScheduled")?.Message;

    private async Task<Event[]> ScheduledAsync() => [.. (await server.ListAsync(Kinds.Events, "default")).Where(told => told.Reason == "Scheduled")];

    /// <summary>Lets something happen before a pod's first binding reaches the API, and counts what the API says to its bindings.</summary>
    private sealed class BeforeBinding(string pod, Func<Task> happens) : DelegatingHandler
    {
        private int seen;
        private int taken;
        private int refused;

        public int Taken => taken;

        public int Refused => refused;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isBinding = request.RequestUri!.AbsolutePath.EndsWith($"/pods/{pod}/binding", StringComparison.Ordinal);
            if (isBinding && Interlocked.Increment(ref seen) == 1) { await happens(); }
            var answer = await base.SendAsync(request, cancellationToken);
            if (isBinding && answer.IsSuccessStatusCode) { Interlocked.Increment(ref taken); }
            if (isBinding && answer.StatusCode == HttpStatusCode.Conflict) { Interlocked.Increment(ref refused); }
            return answer;
        }
    }
}
