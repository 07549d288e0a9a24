using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission;

[Collection(ServerCollection.Name)]
public sealed class LimitTests(RunningServer server)
{
    private const string Pod = """{"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"c","image":"x"RESOURCES}]}}""";

    private async Task<string> NamespaceAsync(string name, string kind, string spec)
    {
        await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"NAME"}}""".Replace("NAME", name, StringComparison.Ordinal));
        var path = $"/api/v1/namespaces/{name}";
        await server.CreateAsync($"{path}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        await server.CreateAsync($"{path}/{kind}", """{"metadata":{"name":"rule"},"spec":SPEC}""".Replace("SPEC", spec, StringComparison.Ordinal));
        await Eventually.TrueAsync(
            async () => (await server.GetAsync($"{path}/{kind}?resourceVersion=0")).Json["items"]!.AsArray().Count == 1, "the rule is seen");
        return path;
    }

    private Task<Reply> RunAsync(string path, string name, string resources = "") => server.CreateAsync(
        $"{path}/pods", Pod.Replace("NAME", name, StringComparison.Ordinal).Replace("RESOURCES", resources, StringComparison.Ordinal));

    [Fact]
    public async Task Containers_get_the_defaults_of_their_namespace_and_keep_within_its_limits()
    {
        var path = await NamespaceAsync("limited", "limitranges", """{"limits":[{"type":"Container","default":{"cpu":"200m"},"defaultRequest":{"cpu":"100m"},"max":{"cpu":"1"}}]}""");
        var made = await RunAsync(path, "small");
        Assert.Equal(("200m", "100m"), (made["spec.containers.0.resources.limits.cpu"], made["spec.containers.0.resources.requests.cpu"]));
        var refused = await RunAsync(path, "large", ""","resources":{"limits":{"cpu":"2"}}""");
        Assert.Equal((403, "pods \"large\" is forbidden: maximum cpu usage per Container is 1, but limit is 2"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task What_containers_were_given_is_told_in_an_annotation()
    {
        var path = await NamespaceAsync("annotated", "limitranges", """{"limits":[{"type":"Container","default":{"memory":"1Gi","cpu":"200m"},"defaultRequest":{"cpu":"100m"}}]}""");
        var made = await RunAsync(path, "given");
        Assert.Equal(
            "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c",
            made.Json["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]!.ToString());
    }

    [Theory]
    [InlineData(""","resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"900m"}}""", "cpu max limit to request ratio per Container is 3, but provided ratio is 9.000000")]
    [InlineData("", "cpu max limit to request ratio per Container is 3, but no request is specified or request is 0")]
    [InlineData(""","resources":{"requests":{"cpu":"100m"}}""", "cpu max limit to request ratio per Container is 3, but no limit is specified or limit is 0")]
    public async Task Limits_keep_to_a_multiple_of_requests(string resources, string message)
    {
        var path = await NamespaceAsync("proportionate", "limitranges", """{"limits":[{"type":"Container","maxLimitRequestRatio":{"cpu":"3"}}]}""");
        var refused = await RunAsync(path, "wide", resources);
        Assert.Equal((403, $"pods \"wide\" is forbidden: {message}"), (refused.Code, refused.Message));
        Assert.Equal(201, (await RunAsync(path, $"narrow-{Guid.NewGuid():N}", ""","resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"300m"}}""")).Code);
    }

    [Fact]
    public async Task Claims_ask_for_no_more_than_they_may()
    {
        var path = await NamespaceAsync("claiming", "limitranges", """{"limits":[{"type":"PersistentVolumeClaim","max":{"storage":"2Gi"}}]}""");
        var refused = await server.CreateAsync(
            $"{path}/persistentvolumeclaims", """{"metadata":{"name":"large"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"5Gi"}}}}""");
        Assert.Equal(
            (403, "persistentvolumeclaims \"large\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_quota_is_used_up()
    {
        var path = await NamespaceAsync("counted", "resourcequotas", """{"hard":{"pods":"1"}}""");
        Assert.Equal(201, (await RunAsync(path, "first")).Code);
        var refused = await RunAsync(path, "second");
        Assert.Equal(
            (403, "pods \"second\" is forbidden: exceeded quota: rule, requested: pods=1, used: pods=1, limited: pods=1"), (refused.Code, refused.Message));
    }

    [Theory]
    // the quota's scope, the pod's spec -> whether it is counted
    [InlineData("""{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["system-node-critical"]}]}""", ",\"priorityClassName\":\"system-node-critical\"", true)]
    [InlineData("""{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["system-node-critical"]}]}""", "", false)]
    [InlineData("""{"matchExpressions":[{"scopeName":"PriorityClass","operator":"DoesNotExist"}]}""", "", true)]
    [InlineData("""{"matchExpressions":[{"scopeName":"Terminating","operator":"Exists"}]}""", ",\"activeDeadlineSeconds\":60", true)]
    [InlineData("""{"matchExpressions":[{"scopeName":"Terminating","operator":"Exists"}]}""", "", false)]
    [InlineData("""{"matchExpressions":[{"scopeName":"BestEffort","operator":"Exists"}]}""", "", true)]
    public async Task A_quota_counts_what_its_scopes_select(string selector, string spec, bool isCounted)
    {
        var path = await NamespaceAsync($"scoped-{Guid.NewGuid():N}", "resourcequotas", $$$"""{"hard":{"pods":"0"},"scopeSelector":{{{selector}}}}""");
        var made = await server.CreateAsync($"{path}/pods", $$$"""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]{{{spec}}}}}""");
        Assert.Equal(isCounted ? 403 : 201, made.Code);
    }

    [Fact]
    public async Task A_quota_counts_what_grows_and_what_is_of_a_class()
    {
        var path = await NamespaceAsync("growing", "resourcequotas", """{"hard":{"services.nodeports":"0","gold.storageclass.storage.k8s.io/requests.storage":"1Gi"}}""");
        Assert.Equal(201, (await server.CreateAsync($"{path}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""")).Code);
        var opened = await server.PatchAsync($"{path}/services/s", """{"spec":{"type":"NodePort"}}""", "merge-patch+json");
        Assert.Equal((403, "services \"s\" is forbidden: exceeded quota: rule, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0"), (opened.Code, opened.Message));
        const string claim = """{"metadata":{"name":"NAME"},"spec":{"storageClassName":"CLASS","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}}""";
        Assert.Equal(201, (await server.CreateAsync($"{path}/persistentvolumeclaims", claim.Replace("NAME", "a", StringComparison.Ordinal).Replace("CLASS", "silver", StringComparison.Ordinal))).Code);
        Assert.Equal(403, (await server.CreateAsync($"{path}/persistentvolumeclaims", claim.Replace("NAME", "b", StringComparison.Ordinal).Replace("CLASS", "gold", StringComparison.Ordinal))).Code);
    }

    [Fact]
    public async Task A_quota_counts_sidecars_beside_containers()
    {
        var path = await NamespaceAsync("summed", "resourcequotas", """{"hard":{"requests.cpu":"1"}}""");
        const string pod = """{"metadata":{"name":"NAME"},"spec":{"initContainers":[{"name":"s","image":"x","restartPolicy":"Always","resources":{"requests":{"cpu":"600m"}}}],"containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"600m"}}}]}}""";
        Assert.Equal(403, (await server.CreateAsync($"{path}/pods", pod.Replace("NAME", "both", StringComparison.Ordinal))).Code);
    }

    [Fact]
    public async Task A_quota_on_memory_wants_requests_said()
    {
        var path = await NamespaceAsync("measured", "resourcequotas", """{"hard":{"requests.memory":"1Gi"}}""");
        var refused = await RunAsync(path, "silent");
        Assert.Equal((403, "pods \"silent\" is forbidden: failed quota: rule: must specify requests.memory for: c"), (refused.Code, refused.Message));
        Assert.Equal(201, (await RunAsync(path, "said", ""","resources":{"requests":{"memory":"512Mi"}}""")).Code);
        Assert.Equal(403, (await RunAsync(path, "more", ""","resources":{"requests":{"memory":"600Mi"}}""")).Code);
    }

    [Fact]
    public async Task A_dry_run_goes_through_all_of_admission_and_uses_nothing_up()
    {
        var path = await NamespaceAsync("rehearsed", "resourcequotas", """{"hard":{"pods":"1"}}""");
        var shown = await DryRunAsync(path, "shown");
        Assert.Equal((201, "default", "node.kubernetes.io/not-ready"), (shown.Code, shown["spec.serviceAccountName"], shown["spec.tolerations.0.key"]));
        Assert.StartsWith("kube-api-access-", shown["spec.volumes.0.name"], StringComparison.Ordinal);
        Assert.Equal(201, (await RunAsync(path, "first")).Code);
        var refused = await DryRunAsync(path, "second");
        Assert.Equal((403, "pods \"second\" is forbidden: exceeded quota: rule, requested: pods=1, used: pods=1, limited: pods=1"), (refused.Code, refused.Message));
    }

    private Task<Reply> DryRunAsync(string path, string name) =>
        server.CreateAsync($"{path}/pods?dryRun=All", Pod.Replace("NAME", name, StringComparison.Ordinal).Replace("RESOURCES", "", StringComparison.Ordinal));
}
