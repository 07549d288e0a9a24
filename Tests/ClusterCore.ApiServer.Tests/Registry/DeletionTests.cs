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
    [InlineData("""{"kind":"ConfigMap","apiVersion":"v1"}""", "no kind \"ConfigMap\" is registered for version \"v1\"")]
    [InlineData("""{"kind":"Odd"}""", "no kind \"Odd\" is registered for version \"meta.k8s.io/v1\"")]
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
