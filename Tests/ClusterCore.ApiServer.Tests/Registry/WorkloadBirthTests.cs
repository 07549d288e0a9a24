namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

[Collection(ServerCollection.Name)]
public sealed class WorkloadBirthTests(RunningServer server)
{
    private const string Apps = "/apis/apps/v1/namespaces/default";
    private const string Jobs = "/apis/batch/v1/namespaces/default/jobs";

    private static string Workload(string name, string more) => """
        {"metadata":{"name":"NAME"},"spec":{MORE"selector":{"matchLabels":{"a":"b"}},
         "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal);

    [Fact]
    public async Task The_server_counts_how_often_a_daemon_sets_pods_were_others()
    {
        const string key = "deprecated.daemonset.template.generation";
        static string Generation(Reply answer) => answer.Json["metadata"]!["annotations"]![key]!.ToString();
        Assert.Equal("1", Generation(await server.CreateAsync($"{Apps}/daemonsets", Workload("counted", ""))));
        Assert.Equal("1", Generation(await server.PatchAsync($"{Apps}/daemonsets/counted", """{"spec":{"minReadySeconds":5}}""")));
        Assert.Equal("2", Generation(await server.PatchAsync(
            $"{Apps}/daemonsets/counted", """{"metadata":{"annotations":{"deprecated.daemonset.template.generation":"7"}},"spec":{"template":{"metadata":{"labels":{"c":"d"}}}}}""")));
    }

    [Fact]
    public async Task What_belongs_to_features_that_are_switched_off_is_dropped()
    {
        var set = await server.CreateAsync($"{Apps}/statefulsets?dryRun=All", Workload("off", """ "updateStrategy":{"rollingUpdate":{"maxUnavailable":0}}, """));
        Assert.Equal((201, ""), (set.Code, set["spec.updateStrategy.rollingUpdate.maxUnavailable"]));
        var pod = await server.CreateAsync("/api/v1/namespaces/default/pods?dryRun=All", """
            {"metadata":{"name":"off"},"spec":{"schedulingGroup":{"podGroupName":"g"},"containers":[{"name":"c","image":"x"}],
             "volumes":[{"name":"v","projected":{"sources":[{"clusterTrustBundle":{"name":"b","path":"p"}}]}}]}}
            """);
        Assert.Equal((201, "{}"), (pod.Code, pod.Json["spec"]!["volumes"]![0]!["projected"]!["sources"]![0]!.ToJsonString()));
        Assert.Null(pod.Json["spec"]!["schedulingGroup"]);
    }

    [Fact]
    public async Task A_job_without_labels_has_those_that_its_pods_are_told_by()
    {
        var job = await server.CreateAsync($"{Jobs}?dryRun=All", """
            {"metadata":{"name":"told"},"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}}}
            """);
        Assert.Equal(("b", "told"), (job["metadata.labels.a"], job["metadata.labels.job-name"]));
    }

    [Fact]
    public async Task Labels_that_the_server_gives_a_jobs_pods_are_nobody_elses()
    {
        var job = await server.CreateAsync($"{Jobs}?dryRun=All", """
            {"metadata":{"name":"taken"},"spec":{"template":{"metadata":{"labels":{"job-name":"other"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}}}
            """);
        Assert.Equal((422, "spec.template.metadata.labels[job-name]"), (job.Code, job["details.causes.0.field"]));
        Assert.EndsWith(": must be 'taken'", job["details.causes.0.message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binding_that_names_its_pod_binds_it()
    {
        const string bindings = "/api/v1/namespaces/default/bindings";
        await server.CreateAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"bound-by-name"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        Assert.Equal(201, (await server.CreateAsync(bindings, """{"metadata":{"name":"bound-by-name"},"target":{"kind":"Node","name":"n1"}}""")).Code);
        Assert.Equal("n1", (await server.GetAsync("/api/v1/namespaces/default/pods/bound-by-name"))["spec.nodeName"]);
        var missing = await server.CreateAsync(bindings, """{"metadata":{"name":"nobody"},"target":{"name":"n1"}}""");
        Assert.Equal((404, "pods \"nobody\" not found"), (missing.Code, missing.Message));
        var odd = await server.CreateAsync(bindings, """{"metadata":{"name":"nobody"},"target":{"kind":"Pod"}}""");
        Assert.Equal(
            (422, "Binding \"nobody\" is invalid: [target.kind: Unsupported value: \"Pod\": supported values: \"Node\", \"<empty>\", target.name: Required value]"), (odd.Code, odd.Message));
    }
}
