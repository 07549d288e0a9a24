using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>What users do to pods with kubectl, through a real API server to real containers.</summary>
public sealed class KubectlTests(Cluster cluster)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Streams_lead_into_containers_over_every_protocol(bool webSockets) => await new Streams(cluster, webSockets).CheckAsync(cluster.Node.Name);

    [Fact]
    public async Task Who_attaches_speaks_to_the_process_itself()
    {
        var pod = Cluster.PodManifest("listener", cluster.Node.Name, "read line; echo heard $line");
        pod["spec"]!["containers"]![0]!["stdin"] = true;
        // Otherwise containerd lets go of the outputs with the input.
        pod["spec"]!["containers"]![0]!["stdinOnce"] = true;
        pod["spec"]!["restartPolicy"] = "Never";
        await cluster.ApplyAsync(pod);
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/listener", "--timeout=180s");
        var said = await cluster.KubectlWithInputAsync("hello\n", "attach", "-i", "listener", "-q");
        Assert.Equal((0, "heard hello\n"), (said.Code, said.Output));
    }

    [Fact]
    public async Task Logs_answer_every_question_about_them()
    {
        await cluster.RunAsync("speaker", cluster.Node.Name, "for i in 1 2 3 4 5; do echo line $i; done; until [ -e /tmp/go ]; do sleep 0.1; done; echo last; sleep 1000");
        await Eventually.TrueAsync(async () => await cluster.OkAsync("logs", "speaker") == "line 1\nline 2\nline 3\nline 4\nline 5\n", "five lines");
        Assert.Equal("line 4\nline 5\n", await cluster.OkAsync("logs", "speaker", "--tail=2"));
        Assert.Equal("line 1\nline ", await cluster.OkAsync("logs", "speaker", "--limit-bytes=12"));
        Assert.Equal("", await cluster.OkAsync("logs", "speaker", "--since-time=2099-01-01T00:00:00Z"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\S+Z line 5\n$", await cluster.OkAsync("logs", "speaker", "--tail=1", "--timestamps"));
        Assert.Equal("[pod/speaker/main] line 5\n", await cluster.OkAsync("logs", "speaker", "--all-containers", "--prefix", "--tail=1"));
        Assert.Contains("previous terminated container \"main\" in pod \"speaker\" not found", (await cluster.KubectlAsync("logs", "speaker", "--previous")).Error, StringComparison.Ordinal);
        using var following = cluster.StartKubectl("logs", "-f", "--tail=1", "speaker");
        Assert.Equal("line 5", await following.StandardOutput.ReadLineAsync());
        await cluster.OkAsync("exec", "speaker", "--", "touch", "/tmp/go");
        Assert.Equal("last", await following.StandardOutput.ReadLineAsync());
        following.Kill();
        await following.WaitForExitAsync();
    }

    [Fact]
    public async Task What_nodes_and_pods_use_is_shown()
    {
        await cluster.RunAsync("used", cluster.Node.Name, "while :; do :; done");
        Assert.Matches(@"^used +\d+m +\d+Mi *\n$", await cluster.OkAsync("top", "pods", "used", "--no-headers"));
        Assert.Contains(cluster.Node.Name, await cluster.OkAsync("top", "nodes", "--no-headers"), StringComparison.Ordinal);
        Assert.Contains("main", await cluster.OkAsync("top", "pods", "--containers", "--no-headers"), StringComparison.Ordinal);
        Assert.Contains("\"groupVersion\":\"metrics.k8s.io/v1beta1\"", await cluster.OkAsync("get", "--raw", "/apis/metrics.k8s.io"), StringComparison.Ordinal);
        await cluster.OkAsync("delete", "pod", "used", "--now");
    }

    [Fact]
    public async Task A_node_that_only_dials_out_is_reached_and_served_with_the_clusters_certificate()
    {
        await using var node = await cluster.JoinAsync("worker-2", "--tunnel", "--rotate-server-certificates");
        await node.BlockAsync();
        await cluster.RunAsync("behind", node.Name, "echo from behind; sleep 1000");
        await Eventually.TrueAsync(async () => (await cluster.KubectlAsync("logs", "behind")).Output == "from behind\n", "its log");
        Assert.Equal("hello\n", await cluster.OkAsync("exec", "behind", "--", "echo", "hello"));
        await new Streams(cluster, WebSockets: true).CheckAsync(node.Name);
        await new Streams(cluster, WebSockets: false).CheckAsync(node.Name);
        Assert.Contains(node.Name, await cluster.OkAsync("top", "nodes", "--no-headers"), StringComparison.Ordinal);
        await ApproveServingAsync(node);
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(node.Containerd.NodeDirectory, "pki", "kubelet-server-current.pem")), "a serving certificate");
        Assert.Equal("again\n", await cluster.OkAsync("exec", "behind", "--", "echo", "again"));
        Assert.Equal(0, await node.SignalAsync("PWR"));
        Assert.Equal("Failed Terminated", await cluster.OkAsync("get", "pod", "behind", "-o", "jsonpath={.status.phase} {.status.reason}"));
    }

    [Fact]
    public async Task An_agent_joins_by_token_and_its_end_ends_no_container()
    {
        await using var node = await cluster.JoinAsync("worker-3", "--system-reserved", "cpu=100m,memory=200Mi", "--kube-reserved", "memory=100Mi", "--eviction-hard", "memory.available<100Mi");
        var memory = (await cluster.OkAsync("get", "node", node.Name, "-o", "jsonpath={.status.capacity.memory} {.status.allocatable.memory}")).Split(' ', 'K');
        Assert.Equal(400 << 10, long.Parse(memory[0]) - long.Parse(memory[2]));
        using (var certificate = X509Certificate2.CreateFromPemFile(node.ClientCertificate))
        {
            Assert.Equal("system:node:worker-3", certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        }

        Assert.DoesNotContain("abcdef", await File.ReadAllTextAsync(node.Kubeconfig), StringComparison.Ordinal);
        await cluster.RunAsync("steady", node.Name, "sleep 1000");
        var before = await cluster.OkAsync("get", "pod", "steady", "-o", "jsonpath={.status.containerStatuses[0].containerID}");
        Assert.Equal(0, await node.SignalAsync("TERM"));
        await node.SystemdIsAsync("running");
        node.Start();
        await cluster.RunAsync("newcomer", node.Name, "sleep 1000");
        await SteadyAsync();

        // While systemd only stops this one unit, nothing changes; when it stops the machine, pods end before the agent does.
        Assert.Equal(0, await node.SignalAsync("TERM"));
        await SteadyAsync();
        node.Start();
        await cluster.RunAsync("last-one", node.Name, "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done");
        await SteadyAsync();
        await node.SystemdIsAsync("stopping");
        Assert.Equal(0, await node.SignalAsync("TERM"));
        Assert.Equal("Failed Terminated", await cluster.OkAsync("get", "pod", "last-one", "-o", "jsonpath={.status.phase} {.status.reason}"));
        Assert.Equal("node is shutting down", await cluster.OkAsync("get", "node", node.Name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].message}"));

        async Task SteadyAsync() => Assert.Equal($"{before} 0", await cluster.OkAsync("get", "pod", "steady", "-o", "jsonpath={.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}"));
    }

    [Fact]
    public async Task A_gate_opens_the_pod_when_somebody_says_so()
    {
        var manifest = Cluster.PodManifest("gated", cluster.Node.Name, "sleep 1000");
        manifest["spec"]!["readinessGates"] = new JsonArray(new JsonObject { ["conditionType"] = "example.com/open" });
        Assert.Equal(0, (await cluster.KubectlWithInputAsync(manifest.ToJsonString(), "apply", "-f", "-")).Code);
        await cluster.OkAsync("wait", "--for=condition=ContainersReady", "pod/gated", "--timeout=180s");
        Assert.Equal("False ReadinessGatesNotReady", await cluster.OkAsync("get", "pod", "gated", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status} {.status.conditions[?(@.type=='Ready')].reason}"));
        await cluster.OkAsync("patch", "pod", "gated", "--subresource=status", "-p", """{"status": {"conditions": [{"type": "example.com/open", "status": "True"}]}}""");
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/gated", "--timeout=180s");
        Assert.Equal("True", await cluster.OkAsync("get", "pod", "gated", "-o", "jsonpath={.status.conditions[?(@.type=='example.com/open')].status}"));
        await cluster.OkAsync("delete", "pod", "gated", "--now");
    }

    [Fact]
    public async Task A_node_short_of_processes_is_tainted_and_pods_go_elsewhere()
    {
        await using var node = await cluster.JoinAsync("worker-4", "--eviction-hard", "pid.available<100%");
        await Eventually.TrueAsync(
            async () => (await cluster.KubectlAsync("get", "node", node.Name, "-o", "jsonpath={.spec.taints[*].key} {.spec.taints[*].effect}")).Output == "node.kubernetes.io/pid-pressure NoSchedule", "the taint", TimeSpan.FromSeconds(40));
        var manifest = Cluster.PodManifest("elsewhere", "", "sleep 1000");
        // Other tests' nodes come and go.
        manifest["spec"]!["affinity"] = JsonNode.Parse($$$$"""
            {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
              {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["{{{{node.Name}}}}", "{{{{cluster.Node.Name}}}}"]}]}]} } }
            """);
        await cluster.ApplyAsync(manifest);
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/elsewhere", "--timeout=180s");
        Assert.Equal(cluster.Node.Name, await cluster.OkAsync("get", "pod", "elsewhere", "-o", "jsonpath={.spec.nodeName}"));
        await cluster.OkAsync("delete", "pod", "elsewhere", "--now");
        await cluster.OkAsync("delete", "node", node.Name);
    }

    private async Task ApproveServingAsync(ClusterNode node)
    {
        var name = "";
        await Eventually.TrueAsync(
            async () => (name = (await cluster.KubectlAsync("get", "csr", "-o", "jsonpath={.items[?(@.spec.signerName=='kubernetes.io/kubelet-serving')].metadata.name}")).Output).Length > 0, "a request");
        Assert.Equal($"system:node:{node.Name}", await cluster.OkAsync("get", "csr", name, "-o", "jsonpath={.spec.username}"));
        await cluster.OkAsync("certificate", "approve", name);
    }
}
