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

    private void Start(KubeSchedulerConfiguration configuration) => running.Add(Task.Run(() => SchedulerHost.RunAsync(
        server.Client, new() { LeaderElection = false, Configuration = configuration }, TimeProvider.System, stopping.Token)));

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
}
