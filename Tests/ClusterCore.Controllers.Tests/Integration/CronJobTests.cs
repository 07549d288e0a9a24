using Flotilla.ClusterCore.Client;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

[Collection<TimedCollection>]
public sealed class CronJobTests(TimedCluster cluster)
{
    [Fact]
    public async Task Each_start_is_among_the_active_and_one_that_goes_missing_is_told()
    {
        var ns = await CronJobAsync("Forbid");
        await cluster.PassUntilAsync(async () => (await ActiveAsync(ns)).Length == 1, "it has started");
        var first = Assert.Single(await ActiveAsync(ns));
        await cluster.PassUntilAsync(
            async () => (await cluster.ToldAsync(ns, "minutely")).Contains("JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid"),
            "it is told why there is no second");
        Assert.Equal([first], await ActiveAsync(ns));

        await cluster.DeleteAsync(Kinds.Jobs, ns, first);
        await cluster.PassUntilAsync(async () => (await cluster.ToldAsync(ns, "minutely")).Contains($"MissingJob: Active job went missing: {first}"), "it is told");
        await cluster.PassUntilAsync(async () => await ActiveAsync(ns) is [var next] && next != first, "it starts again");
    }

    [Fact]
    public async Task Who_replaces_misses_nothing()
    {
        var ns = await CronJobAsync("Replace");
        await cluster.PassUntilAsync(async () => (await ActiveAsync(ns)).Length == 1, "it has started");
        var first = Assert.Single(await ActiveAsync(ns));
        await cluster.PassUntilAsync(async () => await ActiveAsync(ns) is [var next] && next != first, "another has taken its place");
        await cluster.PassUntilAsync(async () => (await cluster.ToldAsync(ns, "minutely")).Contains($"SuccessfulDelete: Deleted job {first}"), "it is told");
        Assert.DoesNotContain(await cluster.ToldAsync(ns, "minutely"), told => told.StartsWith("MissingJob", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_made_of_it_by_hand_holds_no_start_up()
    {
        var ns = await CronJobAsync("Forbid");
        var uid = (await cluster.GetAsync(Kinds.CronJobs, ns, "minutely"))!.Metadata.Uid;
        // As kubectl create job --from writes it.
        await cluster.CreateAsync(Kinds.Jobs, ns, $$$"""
            {"metadata":{"name":"manual","annotations":{"cronjob.kubernetes.io/instantiate":"manual"},
              "ownerReferences":[{"apiVersion":"batch/v1","kind":"CronJob","name":"minutely","uid":"{{{uid}}}","controller":true}]},
             "spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"nginx:1"}]} } } }
            """);
        await cluster.PassUntilAsync(
            async () => (await cluster.ToldAsync(ns, "minutely")).Contains("UnexpectedJob: Saw a job that the controller did not create or forgot: manual"), "it is told");
        await cluster.PassUntilAsync(async () => await ActiveAsync(ns) is [not "manual"], "it starts all the same");
    }

    private async Task<string> CronJobAsync(string concurrencyPolicy)
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.CronJobs, ns, $$$"""
            {"metadata":{"name":"minutely"},"spec":{"schedule":"* * * * *","concurrencyPolicy":"{{{concurrencyPolicy}}}",
             "jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"nginx:1"}]} } } } } }
            """);
        return ns;
    }

    private async Task<string[]> ActiveAsync(string ns) =>
        [.. ((await cluster.GetAsync(Kinds.CronJobs, ns, "minutely"))!.Status.Active ?? []).Select(reference => reference.Name!)];
}
