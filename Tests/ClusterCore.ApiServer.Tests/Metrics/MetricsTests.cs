using System.Globalization;
using Flotilla.ClusterCore.ApiServer.Metrics;

namespace Flotilla.ClusterCore.ApiServer.Tests.Metrics;

[Collection(ServerCollection.Name)]
public sealed class MetricsTests(RunningServer server)
{
    [Fact]
    public async Task Requests_are_counted_by_what_they_ask()
    {
        await server.GetAsync("/api/v1/namespaces/metrics-none/podtemplates");
        await server.GetAsync("/api/v1/namespaces/metrics-none/podtemplates/none");
        await server.GetAsync("/apis/hostile.example.com/v1/whatever");
        var reply = await server.GetAsync("/metrics");
        Assert.Equal((200, "text/plain; version=0.0.4; charset=utf-8"), (reply.Code, reply.ContentType));
        Assert.Contains("apiserver_request_total{code=\"200\",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"podtemplates\",scope=\"namespace\",subresource=\"\",verb=\"LIST\",version=\"v1\"} ", reply.Text, StringComparison.Ordinal);
        Assert.Contains("apiserver_request_total{code=\"404\",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"podtemplates\",scope=\"resource\",subresource=\"\",verb=\"GET\",version=\"v1\"} ", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hostile", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "", "code=\"201\",component=\"apiserver\",dry_run=\"\",GROUP,scope=\"resource\",subresource=\"\",verb=\"POST\"")]
    [InlineData("POST", "?dryRun=All", "code=\"201\",component=\"apiserver\",dry_run=\"All\",GROUP,scope=\"resource\",subresource=\"\",verb=\"POST\"")]
    [InlineData("POST", "?dryRun=Some", "code=\"422\",component=\"apiserver\",dry_run=\"invalid\",GROUP,scope=\"resource\",subresource=\"\",verb=\"POST\"")]
    [InlineData("PATCH", "/one?fieldManager=m", "code=\"201\",component=\"apiserver\",dry_run=\"\",GROUP,scope=\"resource\",subresource=\"\",verb=\"APPLY\"")]
    [InlineData("DELETE", "", "code=\"200\",component=\"apiserver\",dry_run=\"\",GROUP,scope=\"namespace\",subresource=\"\",verb=\"DELETECOLLECTION\"")]
    [InlineData("HEAD", "/none", "code=\"405\",component=\"apiserver\",dry_run=\"\",GROUP,scope=\"resource\",subresource=\"\",verb=\"GET\"")]
    public async Task Verbs_and_dry_runs_are_told_apart(string method, string suffix, string labels)
    {
        const string ones = "/apis/apps/v1/namespaces/default/controllerrevisions";
        var body = method is "DELETE" or "HEAD" ? null : """{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"NAME"},"data":{"a":"b"},"revision":1}""".Replace(
            "NAME", method == "PATCH" ? "one" : $"r{Guid.NewGuid():N}", StringComparison.Ordinal);
        await RunningServer.SendAsync(server.Admin, HttpMethod.Parse(method), ones + suffix, body, method == "PATCH" ? "application/apply-patch+yaml" : "application/json");
        var sample = $"apiserver_request_total{{{labels.Replace("GROUP", "group=\"apps\",resource=\"controllerrevisions\"", StringComparison.Ordinal)},version=\"v1\"}} ";
        Assert.Contains("\n" + sample, (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_of_watches_are_counted_and_measured()
    {
        const string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
        await server.CreateAsync(leases, """{"metadata":{"name":"watched"}}""");
        var before = await CountsAsync();
        await using var watch = await Watching.OpenWatch.StartAsync(server.Admin, $"{leases}?watch=1&fieldSelector=metadata.name=watched");
        await watch.NextAsync();
        await server.DeleteAsync($"{leases}/watched");
        await watch.NextAsync();
        // Others may watch leases at the same time.
        await TestKit.Eventually.TrueAsync(async () => (await CountsAsync()).Zip(before).All(static pair => pair.First >= pair.Second + 2), "two more of each");

        async Task<long[]> CountsAsync()
        {
            var lines = (await server.GetAsync("/metrics")).Text.Split('\n');
            return
            [
                .. ((string[])["total{LABELS}", "sizes_bucket{LABELS,le=\"1024\"}", "sizes_count{LABELS}"])
                    .Select(static name => $"apiserver_watch_events_{name.Replace("LABELS", "group=\"coordination.k8s.io\",resource=\"leases\",version=\"v1\"", StringComparison.Ordinal)} ")
                    .Select(name => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? long.Parse(line[name.Length..], CultureInfo.InvariantCulture) : 0),
            ];
        }
    }

    [Theory, InlineData("Fail", "true", 500), InlineData("Ignore", "false", 201)]
    public async Task Webhooks_are_timed(string policy, string rejected, int code)
    {
        await using var place = await Admission.Webhooks.WebhookNamespace.CreateAsync(server, $"timed-{rejected}");
        await place.ValidateAsync($"timed-{rejected}.hooks.test", """{"url":"https://127.0.0.1:1/review"}""", $"\"failurePolicy\":\"{policy}\"");
        Assert.Equal(code, (await place.CreateMapAsync("one")).Code);
        var count = $"\napiserver_admission_webhook_admission_duration_seconds_count{{name=\"timed-{rejected}.hooks.test\",operation=\"CREATE\",rejected=\"{rejected}\",type=\"validating\"}} 1\n";
        Assert.Contains(count, (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    /// <summary>Every sample belongs to a family that was announced, and no series comes twice: what Prometheus' own parser asks for.</summary>
    [Fact]
    public async Task The_text_is_well_formed()
    {
        var (families, seen) = (new HashSet<string>(), new HashSet<string>());
        foreach (var line in (await server.GetAsync("/metrics")).Text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) { Assert.True(families.Add(line.Split(' ')[2]), line); }
            if (line[0] == '#') { continue; }
            Assert.Matches("""^[a-z_]+(\{([a-z_]+="[^"\\]*",?)*\})? [0-9.E+-]+$""", line);
            var name = line.Split('{', ' ')[0];
            Assert.True(families.Contains(name) || families.Contains(name[..Math.Max(0, name.LastIndexOf('_'))]), line);
            Assert.True(seen.Add(line[..line.LastIndexOf(' ')]), line);
        }
    }

    [Theory]
    [InlineData("apiserver_request_duration_seconds_bucket{"), InlineData("apiserver_longrunning_requests{"), InlineData("apiserver_current_inflight_requests{")]
    [InlineData("apiserver_storage_objects{resource=\"namespaces\"}"), InlineData("etcd_request_duration_seconds_count{group=\"\",operation=\"create\",resource=\"namespaces\"}"), InlineData("etcd_requests_total{")]
    [InlineData("apiserver_resource_objects{group=\"\",resource=\"namespaces\"}"), InlineData("apiserver_storage_size_bytes{storage_cluster_id=\"etcd-0\"}"), InlineData("apiserver_request_sli_duration_seconds_bucket{")]
    [InlineData("apiserver_client_certificate_expiration_seconds_bucket{le=\"0\"} 0"), InlineData("apiserver_client_certificate_expiration_seconds_count ")]
    [InlineData("process_cpu_seconds_total "), InlineData("process_resident_memory_bytes "), InlineData("process_open_fds "), InlineData("process_start_time_seconds ")]
    [InlineData("kubernetes_build_info{")]
    public async Task Dashboards_find_their_families(string sample)
    {
        await using var watch = await Watching.OpenWatch.StartAsync(server.Admin, "/api/v1/namespaces?watch=1");
        Assert.Contains("\n" + sample, (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Buckets_of_a_histogram_add_up()
    {
        var (text, histogram) = (new MetricsText(), new Histogram([1, 2]));
        foreach (var value in (double[])[0.5, 1, 1.5, 9]) { histogram.Observe(value); }
        text.Histogram("h", "a=\"b\"", histogram);
        Assert.Equal(
            "h_bucket{a=\"b\",le=\"1\"} 2\nh_bucket{a=\"b\",le=\"2\"} 3\nh_bucket{a=\"b\",le=\"+Inf\"} 4\nh_sum{a=\"b\"} 12\nh_count{a=\"b\"} 4\n", text.ToString());
    }
}
