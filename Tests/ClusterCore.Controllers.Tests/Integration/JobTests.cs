using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>Jobs by the minute and the hour. There is no node: tests end the pods.</summary>
[Collection<TimedCollection>]
public sealed class JobTests(TimedCluster cluster)
{
    [Fact]
    public async Task Failures_wait_twice_as_long_each_time_and_then_the_job_gives_up()
    {
        var ns = await JobAsync("""{"backoffLimit":3}""");
        TimeSpan[] waits = [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40)];
        for (var failure = 0; failure <= waits.Length; failure++)
        {
            var pod = await PendingAsync(ns);
            await FailAsync(pod);
            if (failure == waits.Length) { break; }
            var failedAt = cluster.Clock.GetUtcNow();
            await cluster.PassUntilAsync(async () => (await PodsAsync(ns)).Count > failure + 1, "another pod takes its place");
            Assert.InRange(cluster.Clock.GetUtcNow() - failedAt, waits[failure], waits[failure] * 3);
        }
        await ConditionAsync(ns, "Failed", "BackoffLimitExceeded");
        Assert.Equal(4, (await FindAsync(ns))!.Status.Failed);
    }

    [Fact]
    public async Task Each_index_has_failures_of_its_own()
    {
        var ns = await JobAsync("""{"completionMode":"Indexed","completions":3,"parallelism":3,"backoffLimitPerIndex":1}""");
        await cluster.PassUntilAsync(async () => (await PodsAsync(ns)).Count == 3, "each index has a pod");
        var pods = (await PodsAsync(ns)).ToDictionary(IndexOf);
        await FailAsync(pods["1"]);
        await SucceedAsync(pods["0"]);
        await cluster.PassUntilAsync(async () => (await PodsAsync(ns)).Count == 4, "the index has another pod");
        var second = (await PodsAsync(ns)).Single(pod => IndexOf(pod) == "1" && pod.Status.Phase == "Pending");
        Assert.Equal("1", second.Metadata.Annotations!["batch.kubernetes.io/job-index-failure-count"]);
        await FailAsync(second);
        await cluster.PassUntilAsync(async () => (await FindAsync(ns))!.Status.FailedIndexes == "1", "the index is given up");
        Assert.DoesNotContain((await FindAsync(ns))!.Status.Conditions ?? [], condition => condition.Type == "Failed");

        await SucceedAsync(pods["2"]);
        await ConditionAsync(ns, "Failed", "FailedIndexes");
        Assert.Equal(("0,2", "1"), ((await FindAsync(ns))!.Status.CompletedIndexes, (await FindAsync(ns))!.Status.FailedIndexes));
    }

    [Fact]
    public async Task A_job_ends_at_its_deadline_and_goes_when_its_time_is_up()
    {
        var ns = await JobAsync("""{"activeDeadlineSeconds":600,"ttlSecondsAfterFinished":3600}""");
        await PendingAsync(ns);
        await cluster.PassAsync(TimeSpan.FromMinutes(9));
        Assert.Null((await FindAsync(ns))!.Status.Conditions);
        await ConditionAsync(ns, "Failed", "DeadlineExceeded");
        Assert.Equal("Job was active longer than specified deadline", (await FindAsync(ns))!.Status.Conditions!.Single(condition => condition.Type == "Failed").Message);
        await cluster.PassAsync(TimeSpan.FromMinutes(59));
        Assert.NotNull(await FindAsync(ns));
        await cluster.PassUntilAsync(async () => await FindAsync(ns) is null && (await PodsAsync(ns)).Count == 0, "it is gone with its pods", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_suspended_job_has_no_pods_and_begins_anew_when_it_is_resumed()
    {
        var ns = await JobAsync("""{"suspend":true,"parallelism":2,"completions":2}""");
        await ConditionAsync(ns, "Suspended", "JobSuspended");
        Assert.Equal((0, null), ((await PodsAsync(ns)).Count, (await FindAsync(ns))!.Status.StartTime));
        await cluster.MergeAsync(Kinds.Jobs, ns, "work", """{"spec":{"suspend":false}}""");
        await cluster.PassUntilAsync(async () => (await FindAsync(ns))!.Status is { Active: 2, StartTime: not null } && (await PodsAsync(ns)).Count == 2, "both run");
        await SucceedAsync(await PendingAsync(ns));
        await cluster.PassUntilAsync(async () => (await FindAsync(ns))!.Status.Succeeded == 1, "one is done");

        await cluster.MergeAsync(Kinds.Jobs, ns, "work", """{"spec":{"suspend":true}}""");
        await cluster.PassUntilAsync(
            async () => (await FindAsync(ns))!.Status is { Active: 0, StartTime: null } && (await PodsAsync(ns)).TrueForAll(pod => pod.Status.Phase == "Succeeded"), "the other is gone");
        await ConditionAsync(ns, "Suspended", "JobSuspended");
        await cluster.MergeAsync(Kinds.Jobs, ns, "work", """{"spec":{"suspend":false}}""");
        await SucceedAsync(await PendingAsync(ns));
        await ConditionAsync(ns, "Complete", "CompletionsReached");
        Assert.Equal((2, 0), ((await FindAsync(ns))!.Status.Succeeded, (await FindAsync(ns))!.Status.Failed));
        var told = await cluster.ToldAsync(ns, "work");
        Assert.Contains("Suspended: Job suspended", told);
        Assert.Contains("Resumed: Job resumed", told);
    }

    [Fact]
    public async Task A_failure_policy_ends_the_job_at_once_and_counts_no_disruption()
    {
        var ns = await JobAsync("""
            {"backoffLimit":0,"podFailurePolicy":{"rules":[
              {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]},
              {"action":"FailJob","onExitCodes":{"containerName":"main","operator":"In","values":[42]}}]}}
            """);
        var disrupted = await PendingAsync(ns);
        await FailAsync(disrupted, 137, """{"type":"DisruptionTarget","status":"True"}""");
        await cluster.PassUntilAsync(async () => await cluster.GetAsync(Kinds.Pods, ns, disrupted.Metadata.Name) is null or { Metadata.Finalizers: null }, "it is in no count");
        Pod? other = null;
        await cluster.PassUntilAsync(async () => (other = (await PodsAsync(ns)).Find(pod => pod.Status.Phase == "Pending")) is not null, "another takes its place");
        Assert.Equal(0, (await FindAsync(ns))!.Status.Failed);
        await FailAsync(other!, 42);
        await ConditionAsync(ns, "Failed", "PodFailurePolicy");
        Assert.Equal(
            $"Container main for pod {ns}/{other!.Metadata.Name} failed with exit code 42 matching FailJob rule at index 1",
            (await FindAsync(ns))!.Status.Conditions!.Single(condition => condition.Type == "Failed").Message);
    }

    [Fact]
    public async Task A_success_policy_ends_the_job_when_what_counts_has_succeeded()
    {
        var ns = await JobAsync("""
            {"completionMode":"Indexed","completions":3,"parallelism":3,"successPolicy":{"rules":[{"succeededIndexes":"0"}]}}
            """);
        await cluster.PassUntilAsync(async () => (await PodsAsync(ns)).Count == 3, "each index has a pod");
        await SucceedAsync((await PodsAsync(ns)).Single(pod => IndexOf(pod) == "0"));
        await ConditionAsync(ns, "SuccessCriteriaMet", "SuccessPolicy");
        await ConditionAsync(ns, "Complete", "SuccessPolicy");
        Assert.Equal(("0", 1), ((await FindAsync(ns))!.Status.CompletedIndexes, (await FindAsync(ns))!.Status.Succeeded));
        Assert.Single(await PodsAsync(ns));
    }

    [Fact]
    public async Task A_rollout_that_gets_nowhere_says_so_at_its_deadline()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 2, "nginx:1"));
        await cluster.PassUntilAsync(async () => (await PodsAsync(ns)).Count == 2, "its pods wait for a node");
        await cluster.PassAsync(TimeSpan.FromMinutes(9));
        Assert.NotEqual("ProgressDeadlineExceeded", await ProgressAsync());
        await cluster.PassUntilAsync(async () => await ProgressAsync() == "ProgressDeadlineExceeded", "it says so", TimeSpan.FromSeconds(5));
        var set = Assert.Single(await cluster.ListAsync(Kinds.ReplicaSets, ns)).Metadata.Name;
        await cluster.PassUntilAsync(
            async () => (await cluster.ToldAsync(ns, "web")).Contains($"ProgressDeadlineExceeded: ReplicaSet \"{set}\" has timed out progressing."), "and tells its owner");

        async Task<string?> ProgressAsync() =>
            (await cluster.GetAsync(Kinds.Deployments, ns, "web"))!.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Progressing")?.Reason;
    }

    private async Task<string> JobAsync(string spec)
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Jobs, ns, Manifests.Job("work", spec));
        return ns;
    }

    private async Task<Pod> PendingAsync(string ns)
    {
        Pod? found = null;
        await cluster.PassUntilAsync(async () => (found = (await PodsAsync(ns)).Find(pod => pod is { Status.Phase: "Pending", Metadata.DeletionTimestamp: null })) is not null, "a pod waits");
        return found!;
    }

    private Task FailAsync(Pod pod, int exitCode = 1, string condition = "") => EndAsync(pod, "Failed", exitCode, condition);

    private Task SucceedAsync(Pod pod) => EndAsync(pod, "Succeeded", 0, "");

    private Task EndAsync(Pod pod, string phase, int exitCode, string condition) => cluster.MergeStatusAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, $$$$"""
        {"status":{"phase":"{{{{phase}}}}","conditions":[{{{{condition}}}}],"containerStatuses":[{"name":"main","image":"nginx:1","imageID":"","ready":false,"restartCount":0,
          "state":{"terminated":{"exitCode":{{{{exitCode}}}},"finishedAt":"{{{{cluster.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}}}}"}}}]}}
        """);

    private Task ConditionAsync(string ns, string type, string reason) => cluster.PassUntilAsync(
        async () => (await FindAsync(ns))!.Status.Conditions?.Any(condition => condition.Type == type && condition.Status == "True" && condition.Reason == reason) == true,
        $"the job is {type}: {reason}");

    private Task<Job?> FindAsync(string ns) => cluster.GetAsync(Kinds.Jobs, ns, "work");

    private Task<List<Pod>> PodsAsync(string ns) => cluster.ListAsync(Kinds.Pods, ns);

    private static string IndexOf(Pod pod) => pod.Metadata.Labels!["batch.kubernetes.io/job-completion-index"];
}
