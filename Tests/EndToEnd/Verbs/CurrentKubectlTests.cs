using Flotilla.EndToEnd.SafeByDefault;

namespace Flotilla.EndToEnd.Verbs;

/// <summary>The kubectl on the path, with what came after the oldest one.</summary>
public sealed class CurrentKubectlTests(SimulatedCluster cluster) : VerbTests(cluster.Kubectl), IClassFixture<SimulatedCluster>
{
    [Fact]
    public async Task Events_are_told_of_one_object()
    {
        var ns = await NamespaceAsync("events");
        await SaysAsync($"apply -f - -n {ns}", "created", Web);
        await SaysAsync($"wait deployment web -n {ns} --for=jsonpath='{{.status.readyReplicas}}'=2 --timeout=120s", "condition met");
        await SaysAsync($"events -n {ns} --for deployment/web", "Scaled up replica set");
    }

    [Fact]
    public async Task Subresources_are_patched_and_read()
    {
        var ns = await NamespaceAsync("subresources");
        await SaysAsync($"apply -f - -n {ns}", "created", Web);
        await SaysAsync($$$"""patch deployment web -n {{{ns}}} --type=merge --subresource=scale -p '{"spec":{"replicas":1}}'""", "patched");
        await SaysAsync($"get deployment web -n {ns} --subresource=scale -o jsonpath='{{.kind}} {{.spec.replicas}}'", "Scale 1");
    }

    [Fact]
    public async Task Tokens_are_made_for_service_accounts()
    {
        var ns = await NamespaceAsync("tokens");
        await SaysAsync($"create serviceaccount a -n {ns}", "created");
        var token = await Kubectl.RunAsync($"create token a -n {ns} --duration=10m");
        await SaysAsync("create -f - -o jsonpath={.status.user.username}", $"system:serviceaccount:{ns}:a", $$"""
            apiVersion: authentication.k8s.io/v1
            kind: TokenReview
            spec: {token: {{token}} }
            """);
    }

    [Fact]
    public async Task What_has_gone_has_been_waited_for()
    {
        var ns = await NamespaceAsync("gone");
        await SaysAsync($"run one --image=nginx -n {ns}", "pod/one created");
        await SaysAsync($"delete pod one -n {ns} --wait=false", "deleted");
        await Kubectl.RunAsync($"wait pod one -n {ns} --for=delete --timeout=120s");
        Assert.Contains("NotFound", (await Kubectl.TryRunAsync($"get pod one -n {ns}")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_old_one_would_make_in_a_version_that_is_gone()
    {
        var ns = await NamespaceAsync("gone-versions");
        await SaysAsync($"create cronjob a --image=busybox --schedule='0 0 1 1 *' -n {ns}", "cronjob.batch/a created");
        await SaysAsync($"create job b --from=cronjob/a -n {ns}", "job.batch/b created");
        await SaysAsync($"create poddisruptionbudget a --selector=app=a --min-available=1 -n {ns}", "poddisruptionbudget.policy/a created");
    }

    [Fact]
    public async Task Debug_puts_a_container_into_a_running_pod()
    {
        var ns = await NamespaceAsync("debug");
        await SaysAsync($"run one --image=nginx -n {ns}", "pod/one created");
        await SaysAsync($"wait pod one -n {ns} --for=condition=Ready --timeout=120s", "condition met");
        await SaysAsync($"debug one --image=busybox --attach=false -c tools -n {ns} -- sleep 1", "");
        Assert.Equal("tools", await Kubectl.RunAsync($"get pod one -n {ns} -o jsonpath='{{.spec.ephemeralContainers[0].name}}'"));
    }

    [Fact]
    public Task Figures_of_nodes_are_explained() => SaysAsync("explain nodes --api-version=metrics.k8s.io/v1beta1", "usage");

    [Fact]
    public Task Auth_says_who_one_is() => SaysAsync("auth whoami", "kubernetes-admin");
}
