using System.Net;
using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>The kubelet's HTTPS API: who is let in, and what it tells of real containers.</summary>
public sealed class ServerTests(NodeFixture node)
{
    private const string Busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 1000";

    [Fact]
    public async Task Only_the_control_plane_may_ask()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => node.Stranger.GetAsync("/pods"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.Bearer.GetAsync("/pods")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await node.Bearer.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await node.ControlPlane.GetAsync("/pods")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.ControlPlane.GetAsync("/containerLogs/default/nobody/main")).StatusCode);
    }

    [Fact]
    public async Task A_token_may_do_what_the_api_server_allows()
    {
        node.Api.On(HttpMethod.Post, "tokenreviews", () => Answer(new() { ["authenticated"] = true, ["user"] = new JsonObject { ["username"] = "prometheus" } }));
        node.Api.On(HttpMethod.Post, "subjectaccessreviews", () => Answer(new() { ["allowed"] = true }));
        node.Api.On(HttpMethod.Post, "subjectaccessreviews", () => Answer(new() { ["allowed"] = false }), times: 2);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/metrics")).StatusCode);
        var refused = await AskAsync("/pods");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("Forbidden (user=prometheus, verb=get, resource=nodes, subresource(s)=[pods proxy])\n", await refused.Content.ReadAsStringAsync());
        Assert.Contains(node.Api.Writes, write => write.Body.Contains("\"subresource\":\"metrics\",\"name\":\"node-0\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_pod_uses_can_be_read()
    {
        var pod = node.Run("busy", $"echo 0123456789 > /data/file; {Busy}", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
            pod.Spec.Containers[0].Resources = new() { Limits = A.Labels("memory", "64Mi") };
            pod.Spec.Containers[0].ReadinessProbe = new() { Exec = new() { Command = ["true"] }, PeriodSeconds = 1, TimeoutSeconds = 5 };
        });
        await node.PodAsync("busy", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        await Eventually.TrueAsync(() => PageHasAsync("/metrics/resource", "container_cpu_usage_seconds_total{container=\"main\",namespace=\"default\",pod=\"busy\"} "), "the container's cpu time is told");
        var id = $"{node.Containerd.CgroupRoot}/kubepods/burstable/pod{pod.Metadata.Uid}";
        Assert.True(await PageHasAsync("/metrics/cadvisor", $"container_memory_working_set_bytes{{container=\"\",id=\"{id}\",image=\"\",name=\"\",namespace=\"default\",pod=\"busy\"}} "));
        Assert.True(await PageHasAsync("/metrics/cadvisor", $"container_spec_memory_limit_bytes{{container=\"main\",id=\"{id}/"));
        Assert.True(await PageHasAsync("/metrics/cadvisor", "container_network_receive_bytes_total{container=\"\""));
        Assert.True(await PageHasAsync("/metrics/probes", $"prober_probe_total{{container=\"main\",namespace=\"default\",pod=\"busy\",pod_uid=\"{pod.Metadata.Uid}\",probe_type=\"Readiness\",result=\"successful\"}}"));
        Assert.True(await PageHasAsync("/metrics", "kubelet_started_containers_total{container_type=\"container\"}"));
        var summary = JsonNode.Parse(await node.ControlPlane.GetStringAsync("/stats/summary"))!;
        var figures = summary["pods"]!.AsArray().Single(one => (string?)one!["podRef"]!["name"] == "busy")!;
        Assert.Equal(11, (long)figures["volume"]![0]!["usedBytes"]!);
        Assert.True((long)figures["memory"]!["workingSetBytes"]! > 0);
        Assert.Equal("eth0", (string?)figures["network"]!["name"]);
        Assert.True((long)summary["node"]!["runtime"]!["imageFs"]!["capacityBytes"]! > 0);
    }

    private static HttpResponseMessage Answer(JsonObject status) =>
        new(HttpStatusCode.Created) { Content = new StringContent(new JsonObject { ["status"] = status }.ToJsonString()) };

    private async Task<bool> PageHasAsync(string path, string text) => (await node.ControlPlane.GetStringAsync(path)).Contains(text, StringComparison.Ordinal);

    private Task<HttpResponseMessage> AskAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", "a-token");
        return node.Bearer.SendAsync(request);
    }
}
