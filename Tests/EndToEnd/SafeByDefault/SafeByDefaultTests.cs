using System.Text.Json;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;

namespace Flotilla.EndToEnd.SafeByDefault;

/// <summary>
/// Manifests that must not hurt a cluster. Through each of them kubectl is answered, the nodes stay Ready, the control plane's memory
/// stays bounded, and events say what is wrong. The figures (kubectl's p99, memory) <c>deploy/bench controllers</c> measures with the
/// same manifests.
/// </summary>
public sealed class SafeByDefaultTests(SimulatedCluster cluster) : IClassFixture<SimulatedCluster>
{
    private const double MemoryBound = 600;
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(2);
    private readonly Kubectl kubectl = cluster.Kubectl;

    [Fact]
    public async Task A_thousand_replicas_that_exit_at_once_back_off()
    {
        await ApplyAsync("crash", CarelessManifests.Deployment("crash", 1000, annotations: """{"simulation.flotilla.io/run-seconds":"0","simulation.flotilla.io/exit-code":"1"}"""));
        await HarmlessUntilAsync(
            async () => (await kubectl.RunAsync("get pods -n crash --no-headers")).Split('\n').Count(line => line.Contains("CrashLoopBackOff", StringComparison.Ordinal)),
            backingOff => backingOff > 900);
        await HarmlessUntilAsync(() => EventsAsync("crash", "BackOff"), said => said.Contains("Back-off restarting failed container main in pod", StringComparison.Ordinal));
        Assert.Equal("1000", await kubectl.RunAsync("get deployment crash -n crash -o jsonpath='{.status.replicas}'"));
        await GoneAsync("crash");
    }

    [Fact]
    public async Task A_cron_job_that_has_slept_for_250_days_starts_once_and_keeps_its_history_short()
    {
        var asleep = TimeProvider.System.GetUtcNow().AddDays(-250).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        await ApplyAsync("cron", CarelessManifests.CronJob("minutely", "* * * * *", suspend: true));
        await kubectl.RunAsync($$$"""patch cronjob minutely -n cron --subresource status --type merge -p '{"status":{"lastScheduleTime":"{{{asleep}}}"}}'""");
        await kubectl.RunAsync("""patch cronjob minutely -n cron --type merge -p '{"spec":{"suspend":false}}'""");
        await HarmlessUntilAsync(() => EventsAsync("cron", "TooManyMissedTimes"), said => said.Contains("too many missed start times", StringComparison.Ordinal));
        for (var run = 0; run < 10; run++)
        {
            await kubectl.RunAsync($"create job run-{run} -n cron --from cronjob/minutely");
        }

        await HarmlessUntilAsync(
            async () => (await kubectl.GetAsync("jobs -n cron")).GetProperty("items").EnumerateArray().ToArray(),
            jobs => jobs.Length == 3 && jobs.All(job => job.GetProperty("status").TryGetProperty("completionTime", out _)));
        Assert.True((await kubectl.RunAsync("get pods -n cron -o name")).Split('\n').Length <= 4, "pods go with their jobs");
        await GoneAsync("cron");
    }

    [Fact]
    public async Task A_deployment_rolled_out_ten_times_that_never_gets_ready_stays_within_its_surge()
    {
        const int replicas = 40, surge = 10, unavailable = 10;
        await ApplyAsync("stuck", CarelessManifests.Deployment("stuck", replicas, "v0", neverReady: true, progressDeadline: 5));
        for (var round = 1; round <= 10; round++)
        {
            await kubectl.RunAsync($"set image deployment/stuck -n stuck main=nginx:v{round}");
            Assert.InRange(await SizesAsync("stuck"), 0, replicas + surge);
        }

        await HarmlessUntilAsync(
            async () => (await kubectl.GetAsync("deployment stuck -n stuck")).GetProperty("status"),
            status => status.GetProperty("conditions").EnumerateArray().Any(condition => condition.GetProperty("reason").GetString() == "ProgressDeadlineExceeded"));
        var rollout = await kubectl.TryRunAsync("rollout status deployment/stuck -n stuck --timeout 10s");
        Assert.Contains("exceeded its progress deadline", rollout.Error, StringComparison.Ordinal);
        await HarmlessUntilAsync(
            () => EventsAsync("stuck", "ProgressDeadlineExceeded", "Warning"), said => said.Contains("stuck ReplicaSet \"stuck-", StringComparison.Ordinal) && said.Contains("has timed out progressing.", StringComparison.Ordinal));
        Assert.InRange(await SizesAsync("stuck"), replicas - unavailable, replicas + surge);
        await GoneAsync("stuck");
    }

    [Fact]
    public async Task Controllers_with_one_selector_keep_to_their_own_pods_and_are_told()
    {
        await ApplyAsync("fight", CarelessManifests.Deployment("one", 5, app: "same"), CarelessManifests.ReplicaSet("two", 7, "same"), CarelessManifests.Orphan("stray", "same"));
        await HarmlessUntilAsync(
            async () => (await kubectl.GetAsync("pods -n fight")).GetProperty("items").EnumerateArray()
                .CountBy(pod => pod.GetProperty("metadata").TryGetProperty("ownerReferences", out var owners) ? owners[0].GetProperty("name").GetString()![..3] : "").ToDictionary(),
            owners => owners.Count == 2 && owners.GetValueOrDefault("one") == 5 && owners.GetValueOrDefault("two") == 7);
        await HarmlessUntilAsync(() => EventsAsync("fight", "SelectorOverlap"), said => said.Contains("match each other's pods", StringComparison.Ordinal));
        await GoneAsync("fight");
    }

    [Fact]
    public async Task A_circle_of_owners_is_told_and_can_be_deleted()
    {
        await kubectl.RunAsync("create namespace circle");
        await kubectl.RunAsync("create configmap a -n circle");
        await kubectl.RunAsync("create configmap b -n circle");
        await OwnAsync("a", "b");
        await OwnAsync("b", "a");
        await HarmlessUntilAsync(() => EventsAsync("circle", "OwnerReferenceCycle"), said => said.Contains("owns itself", StringComparison.Ordinal));
        await kubectl.RunAsync("delete configmap a -n circle --cascade=foreground --timeout 60s");
        await HarmlessUntilAsync(() => kubectl.RunAsync("get configmap a b -n circle --ignore-not-found"), left => left.Length == 0);
        await GoneAsync("circle");
    }

    [Fact]
    public async Task A_namespace_with_twenty_thousand_objects_goes()
    {
        await kubectl.RunAsync("create namespace crowd");
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, stop) =>
            (await cluster.Client.CreateAsync(Kinds.ConfigMaps, new ConfigMap { Metadata = new() { Namespace = "crowd", Name = $"map-{i}" } }, stop)).OrThrow());
        await kubectl.RunAsync("""patch configmap map-7 -n crowd --type merge -p '{"metadata":{"finalizers":["example.com/held"]}}'""");
        await kubectl.RunAsync("delete namespace crowd --wait=false");
        await HarmlessUntilAsync(
            () => EventsAsync("default", "NamespaceFinalizersRemaining", "Warning"),
            said => said.Contains("crowd Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances", StringComparison.Ordinal));
        Assert.Equal("configmap/map-7", await kubectl.RunAsync("get configmaps -n crowd -o name"));
        await kubectl.RunAsync("""patch configmap map-7 -n crowd --type merge -p '{"metadata":{"finalizers":null}}'""");
        await HarmlessUntilAsync(() => kubectl.RunAsync("get namespace crowd --ignore-not-found"), left => left.Length == 0);
    }

    /// <summary>Waits for it, and looks all the while whether the cluster is well: that kubectl is answered is looked at by asking.</summary>
    private async Task HarmlessUntilAsync<T>(Func<Task<T>> read, Func<T, bool> isWanted)
    {
        await Eventually.GetAsync(
            async () =>
            {
                Assert.Equal(SimulatedCluster.Nodes, await cluster.ReadyNodesAsync());
                Assert.InRange(cluster.Memory, 0, MemoryBound);
                return await read();
            },
            isWanted,
            patience);
    }

    private async Task ApplyAsync(string ns, params string[] manifests)
    {
        await kubectl.RunAsync($"create namespace {ns}");
        await kubectl.RunAsync($"apply -n {ns} -f -", string.Join("\n---\n", manifests));
    }

    /// <summary>What the replica sets of a namespace add up to.</summary>
    private async Task<int> SizesAsync(string ns) =>
        (await kubectl.RunAsync($"get rs -n {ns} -o jsonpath='{{range .items[*]}}{{.spec.replicas}}{{\"\\n\"}}{{end}}'"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(int.Parse);

    private async Task OwnAsync(string owned, string owner)
    {
        var uid = await kubectl.RunAsync($"get configmap {owner} -n circle -o jsonpath='{{.metadata.uid}}'");
        var body = JsonSerializer.Serialize(new { metadata = new { ownerReferences = new[] { new { apiVersion = "v1", kind = "ConfigMap", name = owner, uid, blockOwnerDeletion = true } } } });
        await kubectl.RunAsync($"patch configmap {owned} -n circle --type merge -p '{body}'");
    }

    private Task<string> EventsAsync(string ns, string reason, string? type = null) =>
        kubectl.RunAsync($"get events -n {ns} --field-selector reason={reason}{(type is null ? "" : $",type={type}")} -o jsonpath='{{range .items[*]}}{{.involvedObject.name}} {{.message}}{{\"\\n\"}}{{end}}'");

    private async Task GoneAsync(string ns)
    {
        await kubectl.RunAsync($"delete namespace {ns} --wait=false");
        await HarmlessUntilAsync(() => kubectl.RunAsync($"get namespace {ns} --ignore-not-found"), left => left.Length == 0);
    }
}
