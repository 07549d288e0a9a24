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
    [InlineData("apiserver_request_duration_seconds_bucket{"), InlineData("apiserver_longrunning_requests{"), InlineData("apiserver_current_inflight_requests{")]
    [InlineData("apiserver_storage_objects{resource=\"namespaces\"}"), InlineData("etcd_request_duration_seconds_count{operation=\"create\""), InlineData("etcd_requests_total{")]
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
