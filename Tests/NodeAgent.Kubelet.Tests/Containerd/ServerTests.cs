using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
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
    public async Task Every_page_is_a_subresource_of_the_node()
    {
        node.Api.On(HttpMethod.Post, "tokenreviews", () => Answer(new() { ["authenticated"] = true, ["user"] = new JsonObject { ["username"] = "nobody" } }));
        // Each of the nine subresources is asked for once, and the answer remembered.
        node.Api.On(HttpMethod.Post, "subjectaccessreviews", () => Answer(new() { ["allowed"] = false }), times: 9);
        foreach (var (path, subresources) in ((string, string)[])
        [
            ("/metrics/cadvisor", "metrics"), ("/stats/summary", "stats"), ("/logs/pods", "log"), ("/checkpoint/default/a/b", "checkpoint"), ("/configz", "configz proxy"),
            ("/statusz", "statusz"), ("/flagz", "configz"),
            ("/pods", "pods proxy"), ("/runningpods/", "pods proxy"), ("/healthz/ping", "healthz proxy"), ("/containerLogs/default/a/b", "proxy"), ("/exec/default/a/b", "proxy"),
        ])
        {
            var refused = await AskAsync(path, "another-token");
            Assert.Equal((HttpStatusCode.Forbidden, $"Forbidden (user=nobody, verb=get, resource=nodes, subresource(s)=[{subresources}])\n"), (refused.StatusCode, await refused.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task The_previous_log_of_what_crashes_again_and_again_is_that_of_the_last_crash()
    {
        node.Run("crashes-on", "echo >> /data/runs; echo run $(wc -l < /data/runs); exit 1", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
        });
        await Eventually.TrueAsync(
            async () =>
            {
                var before = Waiting();
                var answer = await node.ControlPlane.GetAsync("/containerLogs/default/crashes-on/main?previous=true");
                return before is > 0 && before == Waiting() && await answer.Content.ReadAsStringAsync() == $"run {before + 1}\n";
            },
            "the log of the run that the status calls its last state",
            TimeSpan.FromSeconds(60));

        int? Waiting() => node.Api.Get(Kinds.Pods, "default", "crashes-on")?.Status.ContainerStatuses?[0] is { State.Waiting.Reason: "CrashLoopBackOff" } status ? status.RestartCount : null;
    }

    [Fact]
    public async Task Who_asks_for_a_log_that_is_not_there_yet_is_told_what_is_waited_for()
    {
        node.Run("no-log-yet", "true", pod => (pod.Spec.Containers![0].Image, pod.Spec.Containers[0].ImagePullPolicy) = ("127.0.0.1:1/none:1", "Always"));
        await node.PodAsync("no-log-yet", pod => pod.Status.ContainerStatuses?[0].State?.Waiting?.Reason == "ImagePullBackOff", "backs off");
        await Eventually.TrueAsync(
            async () => await (await node.ControlPlane.GetAsync("/containerLogs/default/no-log-yet/main")).Content.ReadAsStringAsync()
                == "container \"main\" in pod \"no-log-yet\" is waiting to start: trying and failing to pull image",
            "the reason");
    }

    [Fact]
    public async Task The_node_tells_what_it_runs_and_how()
    {
        var pod = node.Run("listed", "echo to the log; sleep 1000");
        await node.PodAsync("listed", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        var running = JsonNode.Parse(await node.ControlPlane.GetStringAsync("/runningpods/"))!["items"]!.AsArray().Single(one => (string?)one!["metadata"]!["name"] == "listed")!;
        Assert.Equal((pod.Metadata.Uid, "main"), ((string?)running["metadata"]!["uid"], (string?)running["spec"]!["containers"]![0]!["name"]));
        var configuration = JsonNode.Parse(await node.ControlPlane.GetStringAsync("/configz"))!["kubeletconfig"]!;
        Assert.Equal(("KubeletConfiguration", 64, "5m0s"), ((string?)configuration["kind"], (int)configuration["podPidsLimit"]!, (string?)configuration["evictionPressureTransitionPeriod"]));
        Assert.Contains($"default_listed_{pod.Metadata.Uid}/</a>", await node.ControlPlane.GetStringAsync("/logs/pods/"), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => (await node.ControlPlane.GetStringAsync($"/logs/pods/default_listed_{pod.Metadata.Uid}/main/0.log")).Contains("to the log", StringComparison.Ordinal),
            "what it says is read");
        Assert.Equal(HttpStatusCode.NotFound, (await node.ControlPlane.GetAsync("/logs/..%2f..%2fetc/passwd")).StatusCode);
        var refused = await node.ControlPlane.PostAsync("/checkpoint/default/listed/main", null);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.StartsWith("checkpointing of default/listed/main failed (rpc error: code = Unimplemented", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("ok", await node.ControlPlane.GetStringAsync("/healthz/syncloop"));
    }

    [Theory]
    [InlineData("/statusz", "\nkubelet statusz\nWarning: ", "\nBinary version: 1.36.0\n")]
    [InlineData("/flagz", "\nkubelet flagz\nWarning: ", "\npod-max-pids=64\n")]
    public async Task Pages_about_the_kubelet_itself_are_text(string path, string beginning, string part)
    {
        var answer = await node.ControlPlane.GetAsync(path);
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith(beginning, text, StringComparison.Ordinal);
        Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_about_the_kubelet_itself_are_objects_for_who_asks_for_them()
    {
        var status = JsonNode.Parse(await (await AcceptingAsync("/statusz", "application/json;as=Statusz;g=config.k8s.io;v=v1beta1")).Content.ReadAsStringAsync())!;
        Assert.Equal(("Statusz", "config.k8s.io/v1beta1", "1.36.0"), ((string?)status["kind"], (string?)status["apiVersion"], (string?)status["binaryVersion"]));
        var flags = JsonNode.Parse(await (await AcceptingAsync("/flagz", "application/json;as=Flagz;g=config.k8s.io;v=v1beta1")).Content.ReadAsStringAsync())!;
        Assert.Equal("64", (string?)flags["flags"]!["pod-max-pids"]);
        Assert.Equal(HttpStatusCode.NotAcceptable, (await AcceptingAsync("/statusz", "application/yaml")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AcceptingAsync("/statusz", "application/json, */*")).StatusCode);
    }

    [Fact]
    public async Task A_command_can_be_run_without_a_stream()
    {
        var pod = node.Run("ran", "sleep 1000");
        await node.PodAsync("ran", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.Equal("one two\n", await node.ExecAsync("ran", "echo one two"));
        Assert.Equal("ok\n", await node.ExecAsync("ran", "echo ok", $"{pod.Metadata.Uid}/main"));
        var failed = await node.ControlPlane.PostAsync("/run/default/ran/main?cmd=cat%20/nowhere", null);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal("command 'cat /nowhere' exited with 1: cat: can't open '/nowhere': No such file or directory\n", await failed.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await node.ControlPlane.GetAsync("/run/default/ran/main?cmd=ls")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.ControlPlane.PostAsync("/run/default/nobody/main?cmd=ls", null)).StatusCode);
    }

    [Fact]
    public async Task A_summary_can_be_had_of_cpu_and_memory_alone()
    {
        node.Run("summed", "sleep 1000");
        await node.PodAsync("summed", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        var summary = JsonNode.Parse(await node.ControlPlane.GetStringAsync("/stats/summary?only_cpu_and_memory=true"))!;
        var pod = summary["pods"]!.AsArray().Single(one => (string?)one!["podRef"]!["name"] == "summed")!;
        Assert.Equal(["nodeName", "systemContainers", "startTime", "cpu", "memory"], summary["node"]!.AsObject().Select(field => field.Key));
        Assert.Equal(["podRef", "startTime", "containers", "cpu", "memory"], pod.AsObject().Select(field => field.Key));
        Assert.Equal(["name", "startTime", "cpu", "memory"], pod["containers"]![0]!.AsObject().Select(field => field.Key));
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
        Assert.Matches(
            "# TYPE prober_probe_duration_seconds histogram\n(.*\n)*prober_probe_duration_seconds_bucket{container=\"main\",namespace=\"default\",pod=\"busy\",probe_type=\"Readiness\",le=\"\\+Inf\"} [1-9]",
            await node.ControlPlane.GetStringAsync("/metrics/probes"));
        Assert.True(await PageHasAsync("/metrics", "kubelet_started_containers_total{container_type=\"container\"}"));
        Assert.True(await PageHasAsync("/metrics", "kubelet_pleg_relist_duration_seconds_count "));
        Assert.True(await PageHasAsync("/metrics", "kubelet_pod_worker_duration_seconds_bucket{operation_type=\"sync\",le=\"0.005\"} "));
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

    private Task<HttpResponseMessage> AcceptingAsync(string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return node.ControlPlane.SendAsync(request);
    }

    private Task<HttpResponseMessage> AskAsync(string path, string token = "a-token")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", token);
        return node.Bearer.SendAsync(request);
    }
}
