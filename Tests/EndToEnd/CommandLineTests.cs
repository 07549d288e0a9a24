using System.Text.Json;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;

namespace Flotilla.EndToEnd;

/// <summary>The platform from a terminal: <c>bin/flotilla</c>, then kubectl against real clusters with real containers.</summary>
[Collection(PlatformCollection.Name)]
public sealed class CommandLineTests(PlatformFixture platform)
{
    [Fact]
    public async Task Two_clusters_do_not_see_each_other_and_leave_nothing_when_deleted()
    {
        var cli = await FlotillaCli.SignInAsync(platform);
        await cli.RunAsync("project create side-by-side");
        var one = await cli.CreateClusterAsync("one", "side-by-side", workers: 1);
        var two = await cli.CreateClusterAsync("two", "side-by-side", workers: 1);
        var clusters = (await cli.JsonAsync("cluster list --project side-by-side")).EnumerateArray().ToList();
        Assert.Equal(["one", "two"], clusters.Select(cluster => cluster.GetProperty("name").GetString()).Order());
        Assert.All(clusters, cluster => Assert.Equal("ready", cluster.GetProperty("state").GetString()));

        await one.RunAsync("create configmap only-in-one --from-literal a=b");
        Assert.Contains("NotFound", (await two.TryRunAsync("get configmap only-in-one")).Error, StringComparison.Ordinal);
        await A_kubeconfig_of_one_is_refused_by_the_other(cli);

        foreach (var cluster in clusters)
        {
            var id = cluster.GetProperty("id").GetString()!;
            Assert.NotEmpty(await MachineState.FindTracesAsync(platform, id));
            await cli.RunAsync($"cluster delete {cluster.GetProperty("name").GetString()} --project side-by-side --yes --wait");
            Assert.Empty(await MachineState.FindTracesAsync(platform, id));
        }
    }

    [Fact]
    public async Task The_nginx_tutorial_works_and_survives_what_happens_to_it()
    {
        var cli = await FlotillaCli.SignInAsync(platform);
        await cli.RunAsync("project create tutorial");
        var kubectl = await cli.CreateClusterAsync("nginx", "tutorial", workers: 2);
        Assert.Equal(2, (await kubectl.RunAsync("get nodes --no-headers")).Split('\n').Count(line => line.Contains(" Ready ", StringComparison.Ordinal)));

        await A_malformed_manifest_is_refused_with_its_path(kubectl);
        await using var watch = await kubectl.WatchAsync("get pods -l app=nginx -w --no-headers");
        await kubectl.RunAsync("apply -f Tests/EndToEnd/Manifests/nginx.yaml");
        await kubectl.RunAsync("rollout status deployment/nginx-deployment --timeout 90s");
        var pods = await kubectl.ReadyPodsAsync("app=nginx");
        Assert.Equal(3, pods.Count);
        foreach (var pod in pods) { Assert.Contains("It works", await FetchAsync(kubectl, pod.Ip), StringComparison.Ordinal); }
        var service = await kubectl.GetAsync("service nginx");
        Assert.Contains("It works", await FetchAsync(kubectl, service.GetProperty("spec").GetProperty("clusterIP").GetString()!), StringComparison.Ordinal);
        Assert.Contains("serving on port 80", await kubectl.RunAsync($"logs {pods[0].Name}"), StringComparison.Ordinal);

        await A_killed_container_comes_back(kubectl, pods[0]);
        await A_deleted_pod_is_replaced(kubectl, pods[1]);
        await A_killed_containerd_is_started_again_under_pods_that_go_on(kubectl);
        foreach (var phase in (string[])["Pending", "ContainerCreating", "Running", "Terminating"])
        {
            await Eventually.GetAsync(() => Task.FromResult(watch.Output), seen => seen.Contains(phase, StringComparison.Ordinal));
        }
        await kubectl.RunAsync("create deployment hello --image docker.io/library/nginx:1.14.2");
        await kubectl.RunAsync("rollout status deployment/hello --timeout 90s");
        await kubectl.RunAsync("scale deployment nginx-deployment --replicas 5");
        await Eventually.GetAsync(() => kubectl.ReadyPodsAsync("app=nginx"), ready => ready.Count == 5);
        await kubectl.RunAsync("delete -f Tests/EndToEnd/Manifests/nginx.yaml");
        await Eventually.GetAsync(() => kubectl.RunAsync("get pods -l app=nginx -o name"), names => names.Length == 0);
        await cli.RunAsync("cluster delete nginx --project tutorial --yes --wait");
    }

    [Fact]
    public async Task A_killed_control_plane_loses_nothing_it_acknowledged()
    {
        var cli = await FlotillaCli.SignInAsync(platform);
        await cli.RunAsync("project create durable");
        var kubectl = await cli.CreateClusterAsync("durable", "durable", workers: 0);

        for (var round = 0; round < 3; round++)
        {
            var writing = platform.RunAsync(
                $"for i in $(seq 200); do kubectl --kubeconfig {platform.Home}/durable-durable.kubeconfig create configmap r{round}-$i || break; done");
            await Eventually.GetAsync(() => kubectl.TryRunAsync($"get configmap r{round}-5"), result => result.ExitCode == 0);
            _ = (await platform.RunAsync($"kill -9 $(grep -o '[0-9]*' /run/flotilla/{kubectl.ClusterId}/master-0.json | head -n 1)")).Text;
            var acknowledged = (await writing).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('/', ' ')[1]).ToList();
            Assert.NotEmpty(acknowledged);

            await Eventually.GetAsync(() => kubectl.TryRunAsync("get --raw /readyz"), result => result.ExitCode == 0);
            var stored = (await kubectl.RunAsync("get configmaps -o name")).Split('\n').Select(name => name.Split('/')[1]).ToHashSet();
            Assert.Subset(stored, acknowledged.ToHashSet());
        }

        await cli.RunAsync("cluster delete durable --project durable --yes --wait");
    }

    [Fact]
    public async Task A_cluster_of_five_masters_goes_on_without_two_of_them()
    {
        var cli = await FlotillaCli.SignInAsync(platform);
        await cli.RunAsync("project create production");
        var kubectl = await cli.CreateClusterAsync("shop", "production", workers: 0, purpose: "prod");
        await kubectl.RunAsync("create configmap before --from-literal a=b");

        foreach (var process in (string[])["etcd-0", "master-0", "etcd-3", "master-3"])
        {
            _ = (await platform.RunAsync($"kill -9 $(grep -o '[0-9]*' /run/flotilla/{kubectl.ClusterId}/{process}.json | head -n 1)")).Text;
        }

        await Eventually.GetAsync(() => kubectl.TryRunAsync("create configmap after --from-literal a=b"), result => result.ExitCode == 0);
        Assert.Equal("b", (await kubectl.GetAsync("configmap before")).GetProperty("data").GetProperty("a").GetString());
        await Eventually.GetAsync(() => cli.JsonAsync("cluster get shop --project production"), cluster => cluster.GetProperty("state").GetString() == "ready");
        await cli.RunAsync("cluster delete shop --project production --yes --wait");
        Assert.Empty(await MachineState.FindTracesAsync(platform, kubectl.ClusterId));
    }

    [Fact]
    public async Task A_cluster_can_be_deleted_while_it_is_created()
    {
        var cli = await FlotillaCli.SignInAsync(platform);
        await cli.RunAsync("project create hasty");
        await cli.RunAsync("cluster create oops --project hasty --purpose personal --workers 2");
        var id = (await cli.JsonAsync("cluster get oops --project hasty")).GetProperty("id").GetString()!;

        await cli.RunAsync("cluster delete oops --project hasty --yes --wait");

        Assert.Empty(await MachineState.FindTracesAsync(platform, id));
    }

    [Theory]
    [InlineData("cluster create UPPER --project bad-input --purpose personal", "name")]
    [InlineData("cluster create ok --project no-such-project --purpose personal", "no such project")]
    [InlineData("cluster create ok --project bad-input --purpose galactic", "galactic")]
    [InlineData("cluster get nothing-here", "nothing-here")]
    public async Task Bad_input_is_one_line_on_stderr_and_a_failure(string arguments, string mentioned)
    {
        var cli = await FlotillaCli.SignInAsync(platform);
        await cli.TryRunAsync("project create bad-input");
        var result = await cli.TryRunAsync(arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(mentioned, result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Setting_up_again_changes_nothing()
    {
        var before = await platform.RunAsync($"cat {platform.Home}/run/*.pid");
        await platform.UpAsync();
        Assert.Equal(before.Text, (await platform.RunAsync($"cat {platform.Home}/run/*.pid")).Text);
    }

    private async Task A_kubeconfig_of_one_is_refused_by_the_other(FlotillaCli cli)
    {
        var other = await cli.KubectlAsync("two", "side-by-side");
        var view = JsonDocument.Parse(await other.RunAsync("config view --raw -o json")).RootElement.GetProperty("clusters")[0].GetProperty("cluster");
        var server = view.GetProperty("server").GetString();
        var name = view.TryGetProperty("tls-server-name", out var serverName) ? serverName.GetString() : null;
        var refused = await platform.RunAsync(
            $"kubectl --kubeconfig {platform.Home}/side-by-side-one.kubeconfig --server {server} --tls-server-name '{name}' " +
            "--insecure-skip-tls-verify get pods");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Unauthorized", refused.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task A_malformed_manifest_is_refused_with_its_path(Kubectl kubectl)
    {
        var manifest = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Tests/EndToEnd/Manifests/nginx.yaml"))).Replace("containerPort: 80", "containerPort: 80000", StringComparison.Ordinal);
        var refused = await kubectl.TryRunAsync("apply -f -", manifest);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 80000", refused.Error, StringComparison.Ordinal);
    }

    private async Task A_killed_container_comes_back(Kubectl kubectl, RunningPod victim)
    {
        var kill = $"for p in $(pgrep -f 'busybox httpd'); do if grep -q {victim.Uid} /proc/$p/cgroup; then kill -9 $p; fi; done";
        _ = (await platform.RunAsync(kill)).Text;
        var back = await Eventually.GetAsync(
            () => kubectl.ReadyPodsAsync("app=nginx"), pods => pods.Any(pod => pod.Uid == victim.Uid && pod.Restarts > victim.Restarts));
        Assert.Equal(3, back.Count);
    }

    private async Task A_killed_containerd_is_started_again_under_pods_that_go_on(Kubectl kubectl)
    {
        var before = await kubectl.ReadyPodsAsync("app=nginx");
        foreach (var record in before.Select(pod => $"/run/flotilla/{kubectl.ClusterId}/{pod.Node}/containerd.json").Distinct())
        {
            var killed = await File.ReadAllTextAsync(record);
            _ = (await platform.RunAsync($"kill -9 $(grep -o '[0-9]*' {record} | head -n 1)")).Text;
            await Eventually.GetAsync(() => File.ReadAllTextAsync(record), started => started != killed);
        }

        foreach (var pod in before)
        {
            await Eventually.GetAsync(() => kubectl.TryRunAsync($"exec {pod.Name} -- echo back"), result => result is { ExitCode: 0, Output: "back\n" });
        }

        var after = await kubectl.ReadyPodsAsync("app=nginx");
        Assert.Equal(before.OrderBy(pod => pod.Name), after.OrderBy(pod => pod.Name));
        Assert.DoesNotContain("NotReady", await kubectl.RunAsync("get nodes --no-headers"), StringComparison.Ordinal);
    }

    private static async Task A_deleted_pod_is_replaced(Kubectl kubectl, RunningPod victim)
    {
        await kubectl.RunAsync($"delete pod {victim.Name}");
        var pods = await Eventually.GetAsync(
            () => kubectl.ReadyPodsAsync("app=nginx"), ready => ready.Count == 3 && ready.All(pod => pod.Uid != victim.Uid));
        Assert.DoesNotContain(victim.Name, pods.Select(pod => pod.Name));
    }

    /// <summary>From inside the cluster, as its pods would: the pod network is not reachable from anywhere else.</summary>
    private async Task<string> FetchAsync(Kubectl kubectl, string address)
    {
        var node = (await kubectl.RunAsync("get nodes -o name")).Split('\n')[0].Split('/')[1];
        var command = $"ip netns exec flt-{kubectl.ClusterId}-{node} curl -sSf -m 5 http://{address}/";
        return (await Eventually.GetAsync(() => platform.RunAsync(command), result => result.ExitCode == 0)).Text;
    }
}
