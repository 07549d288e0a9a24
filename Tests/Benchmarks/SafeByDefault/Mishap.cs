using System.Globalization;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.Benchmarks.SafeByDefault;

internal sealed record MishapCluster(ApiClient Client, KubectlCommand Kubectl);

/// <summary>What somebody does to a cluster without thinking, and when it has taken its course.</summary>
internal sealed record Mishap(string Name, Func<MishapCluster, CancellationToken, Task> HappenAsync)
{
    private const string Namespace = "mishap";
    private const int Crowd = 20_000;

    private static readonly TimeSpan aWhile = TimeSpan.FromSeconds(30);

    public static IReadOnlyList<Mishap> All { get; } =
    [
        new("1,000 replicas exit at once", CrashAsync),
        new("a CronJob of every minute wakes after 250 days", WakeAsync) { PrepareAsync = SleepAsync },
        new("ten rollouts that never get ready", RollAsync),
        new("two controllers and one selector, a circle of owners", FightAsync),
        new("a namespace of 20,000 objects is deleted", DeleteAsync) { PrepareAsync = FillAsync },
    ];

    public Func<MishapCluster, CancellationToken, Task> PrepareAsync { get; init; } =
        static (cluster, stop) => cluster.Kubectl.RunAsync(["create", "namespace", Namespace], stop);

    private static async Task CrashAsync(MishapCluster cluster, CancellationToken stop)
    {
        const int replicas = 1000;
        await ApplyAsync(cluster, stop, CarelessManifests.Deployment("crash", replicas, annotations: """{"simulation.flotilla.io/run-seconds":"0","simulation.flotilla.io/exit-code":"1"}"""));
        await Until.TrueAsync(async () => (await PodsAsync(cluster, stop)).Count(IsBackingOff) > replicas * 0.9, stop, everyMilliseconds: 1000);
        await Task.Delay(aWhile, stop);
    }

    private static async Task SleepAsync(MishapCluster cluster, CancellationToken stop)
    {
        await cluster.Kubectl.RunAsync(["create", "namespace", Namespace], stop);
        await ApplyAsync(cluster, stop, CarelessManifests.CronJob("minutely", "* * * * *", suspend: true));
        var asleep = TimeProvider.System.GetUtcNow().AddDays(-250).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        await PatchAsync(cluster, "cronjob/minutely", $$$"""{"status":{"lastScheduleTime":"{{{asleep}}}"}}""", stop, "--subresource", "status");
    }

    private static async Task WakeAsync(MishapCluster cluster, CancellationToken stop)
    {
        await PatchAsync(cluster, "cronjob/minutely", """{"spec":{"suspend":false}}""", stop);
        for (var run = 0; run < 10; run++)
        {
            await cluster.Kubectl.RunAsync(["create", "job", $"run-{run}", "-n", Namespace, "--from", "cronjob/minutely"], stop);
        }

        await Task.Delay(aWhile, stop);
    }

    private static async Task RollAsync(MishapCluster cluster, CancellationToken stop)
    {
        await ApplyAsync(cluster, stop, CarelessManifests.Deployment("stuck", 100, "v0", neverReady: true, progressDeadline: 5));
        for (var round = 1; round <= 10; round++)
        {
            await cluster.Kubectl.RunAsync(["set", "image", "deployment/stuck", "-n", Namespace, $"main=nginx:v{round}"], stop);
            await Task.Delay(aWhile / 10, stop);
        }
    }

    private static async Task FightAsync(MishapCluster cluster, CancellationToken stop)
    {
        await ApplyAsync(
            cluster, stop, CarelessManifests.Deployment("one", 100, app: "same"), CarelessManifests.ReplicaSet("two", 100, "same"), CarelessManifests.Orphan("stray", "same"));
        foreach (var name in (string[])["a", "b"]) { await cluster.Kubectl.RunAsync(["create", "configmap", name, "-n", Namespace], stop); }
        await OwnAsync(cluster, "a", "b", stop);
        await OwnAsync(cluster, "b", "a", stop);
        await Task.Delay(aWhile, stop);
        await cluster.Kubectl.RunAsync(["delete", "configmap", "a", "-n", Namespace, "--cascade=foreground"], stop);
    }

    private static async Task FillAsync(MishapCluster cluster, CancellationToken stop)
    {
        await cluster.Kubectl.RunAsync(["create", "namespace", Namespace], stop);
        await Parallel.ForEachAsync(Enumerable.Range(0, Crowd), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = stop }, async (i, cancel) =>
            (await cluster.Client.CreateAsync(Kinds.ConfigMaps, new ConfigMap { Metadata = new() { Namespace = Namespace, Name = $"map-{i}" } }, cancel)).OrThrow());
    }

    private static async Task DeleteAsync(MishapCluster cluster, CancellationToken stop)
    {
        await cluster.Kubectl.RunAsync(["delete", "namespace", Namespace, "--wait=false"], stop);
        await Until.TrueAsync(async () => (await cluster.Client.GetAsync(Kinds.Namespaces, null, Namespace, stop)).IsNotFound, stop, everyMilliseconds: 200);
    }

    private static Task ApplyAsync(MishapCluster cluster, CancellationToken stop, params string[] manifests) =>
        cluster.Kubectl.RunAsync(["apply", "-n", Namespace, "-f", "-"], stop, string.Join("\n---\n", manifests));

    private static Task PatchAsync(MishapCluster cluster, string what, string body, CancellationToken stop, params string[] more) =>
        cluster.Kubectl.RunAsync(["patch", what, "-n", Namespace, "--type", "merge", "-p", body, .. more], stop);

    private static async Task OwnAsync(MishapCluster cluster, string owned, string owner, CancellationToken stop)
    {
        var uid = await cluster.Kubectl.RunAsync(["get", "configmap", owner, "-n", Namespace, "-o", "jsonpath={.metadata.uid}"], stop);
        await PatchAsync(
            cluster, $"configmap/{owned}",
            $$$"""{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"{{{owner}}}","uid":"{{{uid}}}","blockOwnerDeletion":true}]}}""", stop);
    }

    private static async Task<List<Pod>> PodsAsync(MishapCluster cluster, CancellationToken stop) =>
        (await cluster.Client.ListAsync(Kinds.Pods, Namespace, stop)).OrThrow().Items;

    private static bool IsBackingOff(Pod pod) =>
        pod.Status.ContainerStatuses?.Any(status => status.State?.Waiting?.Reason == "CrashLoopBackOff") == true;
}
