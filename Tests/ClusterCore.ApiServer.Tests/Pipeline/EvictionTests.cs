namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

/// <summary>Evictions as disruption budgets allow them. The budgets' status is written by hand: no controller runs here.</summary>
[Collection(ServerCollection.Name)]
public sealed class EvictionTests(RunningServer server)
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

    [Theory]
    // policy, ready, healthy, desired -> code
    [InlineData(null, true, 2, 2, 429)]
    [InlineData(null, false, 2, 2, 201)]
    [InlineData(null, false, 1, 2, 429)]
    [InlineData(null, false, 0, 0, 429)]
    [InlineData("IfHealthyBudget", false, 1, 2, 429)]
    [InlineData("AlwaysAllow", false, 1, 2, 201)]
    [InlineData("AlwaysAllow", true, 1, 2, 429)]
    public async Task A_pod_that_is_not_ready_goes_as_its_budget_says(string? policy, bool isReady, int healthy, int desired, int code)
    {
        var name = await RunningPodAsync(isReady);
        var said = policy is null ? "" : $",\"unhealthyPodEvictionPolicy\":\"{policy}\"";
        await BudgetAsync(name, said, $$$"""{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":{{{healthy}}},"desiredHealthy":{{{desired}}},"expectedPods":2}""");
        Assert.Equal(code, (await EvictAsync(name)).Code);
    }

    [Fact]
    public async Task An_eviction_takes_one_disruption_and_marks_the_pod()
    {
        var name = await RunningPodAsync(isReady: true, finalizer: true);
        await BudgetAsync(name, "", """{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2}""");
        Assert.Equal(201, (await EvictAsync(name)).Code);
        var budget = await server.GetAsync($"{Budgets}/{name}");
        Assert.Equal("0", budget["status.disruptionsAllowed"]);
        Assert.Contains($"\"disruptedPods\":{{\"{name}\":", budget.Text, StringComparison.Ordinal);
        var pod = await server.GetAsync($"{Pods}/{name}");
        Assert.Equal(("DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting"),
            (pod["status.conditions.1.type"], pod["status.conditions.1.reason"], pod["status.conditions.1.message"]));
        Assert.Equal("Ready", pod["status.conditions.0.type"]);
    }

    [Fact]
    public async Task A_dry_run_marks_nothing()
    {
        var name = await RunningPodAsync(isReady: true);
        var eviction = $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"},"deleteOptions":{"dryRun":["All"]}}""";
        Assert.Equal(201, (await server.CreateAsync($"{Pods}/{name}/eviction", eviction)).Code);
        Assert.DoesNotContain("DisruptionTarget", (await server.GetAsync($"{Pods}/{name}")).Text, StringComparison.Ordinal);
    }

    [Theory, InlineData(true, 201), InlineData(false, 409)]
    public async Task Only_the_pod_that_was_meant_is_marked_and_goes(bool isMeant, int code)
    {
        var name = await RunningPodAsync(isReady: true, finalizer: true);
        var version = isMeant ? (await server.GetAsync($"{Pods}/{name}"))["metadata.resourceVersion"] : "1";
        var eviction = $$$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{{name}}}}"},"deleteOptions":{"preconditions":{"resourceVersion":"{{{{version}}}}"}}}""";
        Assert.Equal(code, (await server.CreateAsync($"{Pods}/{name}/eviction", eviction)).Code);
        Assert.Equal(isMeant, (await server.GetAsync($"{Pods}/{name}")).Text.Contains("EvictionByEvictionAPI", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_budget_that_cannot_be_computed_says_so()
    {
        var name = await RunningPodAsync(isReady: true);
        await BudgetAsync(name, "", """
            {"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":0,"desiredHealthy":0,"expectedPods":0,
             "conditions":[{"type":"DisruptionAllowed","status":"False","reason":"SyncFailed","message":"no scale","lastTransitionTime":"2026-01-01T12:00:00Z"}]}
            """);
        Assert.Equal(
            $"The disruption budget {name} does not allow evicting pods currently because it failed sync: no scale", (await EvictAsync(name))["details.causes.0.message"]);
    }

    private async Task<string> RunningPodAsync(bool isReady, bool finalizer = false)
    {
        var name = $"pod-{Guid.NewGuid():N}";
        var finalizers = finalizer ? ",\"finalizers\":[\"example.com/stay\"]" : "";
        Assert.Equal(201, (await server.CreateAsync(Pods, $$$"""
            {"metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"}{{{finalizers}}}},"spec":{"containers":[{"name":"c","image":"i"}]}}
            """)).Code);
        var ready = isReady ? "True" : "False";
        var status = $$$"""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{ready}}}"}]}}""";
        Assert.Equal(200, (await server.PatchAsync($"{Pods}/{name}/status", status, "merge-patch+json")).Code);
        return name;
    }

    private async Task BudgetAsync(string name, string spec, string status)
    {
        Assert.Equal(201, (await server.CreateAsync(Budgets, $$$"""
            {"metadata":{"name":"{{{name}}}"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"{{{name}}}"}}{{{spec}}}}}
            """)).Code);
        Assert.Equal(200, (await server.PatchAsync($"{Budgets}/{name}/status", $$$"""{"status":{{{status}}}}""", "merge-patch+json")).Code);
    }

    private Task<Reply> EvictAsync(string name) =>
        server.CreateAsync($"{Pods}/{name}/eviction", $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"}}""");
}
