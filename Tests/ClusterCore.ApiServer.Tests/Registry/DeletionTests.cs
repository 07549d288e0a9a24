namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>What a DELETE checks, leaves for others to do, and answers.</summary>
[Collection(ServerCollection.Name)]
public sealed class DeletionTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    [Fact]
    public async Task Finalizers_hold_a_deleted_object_until_the_last_is_gone()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"held","finalizers":["example.com/hold"]}}""");
        var marked = await server.DeleteAsync($"{Maps}/held");
        Assert.Equal((200, "ConfigMap"), (marked.Code, marked["kind"]));
        Assert.NotEqual("", marked["metadata.deletionTimestamp"]);
        Assert.Equal(200, (await server.GetAsync($"{Maps}/held")).Code);
        await server.PatchAsync($"{Maps}/held", """{"metadata":{"finalizers":null}}""");
        Assert.Equal(404, (await server.GetAsync($"{Maps}/held")).Code);
    }

    [Theory, InlineData("Orphan", "orphan"), InlineData("Foreground", "foregroundDeletion")]
    public async Task Propagation_policies_leave_their_finalizer_to_the_garbage_collector(string policy, string finalizer)
    {
        var name = "propagated-" + policy.ToLowerInvariant();
        await server.CreateAsync(Deployments, """
            {"metadata":{"name":"NAME"},"spec":{"selector":{"matchLabels":{"app":"x"}},
             "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"busybox"}]}}}}
            """.Replace("NAME", name, StringComparison.Ordinal));
        var marked = await server.DeleteAsync($"{Deployments}/{name}", $$$$"""{"propagationPolicy":"{{{{policy}}}}"}""");
        Assert.Equal(finalizer, marked["metadata.finalizers.0"]);
    }

    [Fact]
    public async Task A_deletion_checks_its_preconditions()
    {
        var made = await server.CreateAsync(Maps, """{"metadata":{"name":"guarded"}}""");
        var refused = await server.DeleteAsync($"{Maps}/guarded", """{"preconditions":{"uid":"other"}}""");
        Assert.Equal(
            (409, $"Operation cannot be fulfilled on ConfigMap \"guarded\": the UID in the precondition (other) does not match the UID in record ({made["metadata.uid"]}). The object might have been deleted and then recreated"),
            (refused.Code, refused.Message));
        refused = await server.DeleteAsync($"{Maps}/guarded", """{"preconditions":{"resourceVersion":"1"}}""");
        Assert.Equal(
            (409, $"Operation cannot be fulfilled on ConfigMap \"guarded\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({made["metadata.resourceVersion"]}). The object might have been modified"),
            (refused.Code, refused.Message));
        var gone = await server.DeleteAsync($"{Maps}/guarded");
        Assert.Equal(("Status", "Success", "guarded", "configmaps"), (gone["kind"], gone["status"], gone["details.name"], gone["details.kind"]));
    }

    [Theory]
    [InlineData("""{"kind":"ConfigMap","apiVersion":"v1"}""", "no kind \"ConfigMap\" is registered for version \"v1\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"")]
    [InlineData("""{"kind":"Odd"}""", "no kind \"Odd\" is registered for version \"meta.k8s.io/v1\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"")]
    public async Task A_body_that_says_it_is_something_else_is_no_delete_options(string body, string message)
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"misread","labels":{"misread":""}}}""");
        foreach (var path in (string[])[$"{Maps}/misread", $"{Maps}?labelSelector=misread"])
        {
            var refused = await server.DeleteAsync(path, body);
            Assert.Equal((400, "BadRequest", message), (refused.Code, refused.Reason, refused.Message));
        }

        Assert.Equal(200, (await server.DeleteAsync($"{Maps}/misread", """{"kind":"DeleteOptions","apiVersion":"apps/v1"}""")).Code);
    }

    [Fact]
    public async Task Who_does_not_want_orphans_is_told_that_dependents_go_first()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"parent","finalizers":["example.com/hold"]}}""");
        Assert.Equal(202, (await server.DeleteAsync($"{Maps}/parent", """{"orphanDependents":false}""")).Code);
        Assert.Equal(202, (await server.DeleteAsync($"{Maps}/parent?orphanDependents=false")).Code);
        Assert.Equal(200, (await server.DeleteAsync($"{Maps}/parent", """{"propagationPolicy":"Background"}""")).Code);
    }

    [Fact]
    public async Task Jobs_leave_their_pods_behind_unless_told_otherwise()
    {
        const string jobs = "/apis/batch/v1/namespaces/default/jobs";
        const string job = """{"metadata":{"name":"NAME"},"spec":{"suspend":true,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}}}""";
        await server.CreateAsync(jobs, job.Replace("NAME", "orphaning", StringComparison.Ordinal));
        var orphaned = await server.DeleteAsync($"{jobs}/orphaning");
        Assert.Equal(("Job", "orphan"), (orphaned["kind"], orphaned["metadata.finalizers.0"]));
        Assert.Contains("child pods are preserved by default when jobs are deleted", Assert.Single(orphaned.Warnings), StringComparison.Ordinal);
        await server.CreateAsync(jobs, job.Replace("NAME", "taking", StringComparison.Ordinal));
        var gone = await server.DeleteAsync($"{jobs}/taking", """{"propagationPolicy":"Background"}""");
        Assert.Equal(("Status", 0), (gone["kind"], gone.Warnings.Length));
    }

    [Fact]
    public async Task Some_kinds_are_shown_as_they_go()
    {
        await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"leaving"}}""");
        Assert.Equal("ServiceAccount", (await server.DeleteAsync("/api/v1/namespaces/default/serviceaccounts/leaving"))["kind"]);
        const string pods = "/api/v1/namespaces/default/pods";
        await server.CreateAsync(pods, """{"metadata":{"name":"leaving"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        var pod = await server.DeleteAsync($"{pods}/leaving");
        Assert.Equal(("Pod", "0", "2"), (pod["kind"], pod["metadata.deletionGracePeriodSeconds"], pod["metadata.generation"]));
        Assert.NotEqual("", pod["metadata.deletionTimestamp"]);
    }

    [Fact]
    public async Task A_dry_run_shows_the_mark_that_it_does_not_leave()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"rehearsed","finalizers":["example.com/hold"]}}""");
        Assert.NotEqual("", (await server.DeleteAsync($"{Maps}/rehearsed?dryRun=All"))["metadata.deletionTimestamp"]);
        Assert.Equal("", (await server.GetAsync($"{Maps}/rehearsed"))["metadata.deletionTimestamp"]);
    }

    [Fact]
    public async Task What_is_being_deleted_is_in_the_way_and_says_so()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"lingering","finalizers":["example.com/hold"]}}""");
        await server.DeleteAsync($"{Maps}/lingering");
        var refused = await server.CreateAsync(Maps, """{"metadata":{"name":"lingering"}}""");
        Assert.Equal((409, "object is being deleted: configmaps \"lingering\" already exists"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task Events_have_no_dependents()
    {
        const string events = "/api/v1/namespaces/default/events";
        await server.CreateAsync(events, """{"metadata":{"name":"over"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"}}""");
        Assert.Equal("Status", (await server.DeleteAsync($"{events}/over", """{"propagationPolicy":"Orphan"}"""))["kind"]);
    }

    [Fact]
    public async Task A_scheduled_pod_is_deleted_in_two_steps()
    {
        const string pods = "/api/v1/namespaces/default/pods";
        await server.CreateAsync(pods, """{"metadata":{"name":"graceful"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        Assert.Equal(201, (await server.CreateAsync($"{pods}/graceful/binding", """{"target":{"kind":"Node","name":"n1"}}""")).Code);
        var marked = await server.DeleteAsync($"{pods}/graceful");
        Assert.Equal(("30", "n1"), (marked["metadata.deletionGracePeriodSeconds"], marked["spec.nodeName"]));
        Assert.Equal(200, (await server.GetAsync($"{pods}/graceful")).Code);
        await server.DeleteAsync($"{pods}/graceful", """{"gracePeriodSeconds":0}""");
        Assert.Equal(404, (await server.GetAsync($"{pods}/graceful")).Code);
    }
}
