using System.Diagnostics;
using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Integration;

/// <summary>Scheduler and controllers in processes without an API server, as clients of one elsewhere.</summary>
public sealed class ClientsAloneTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task They_run_a_deployment_and_one_of_two_leads()
    {
        await using var server = await Member.StartAsync(null, "--components", "apiserver");
        await using var first = server.StartClients();
        await Eventually.TrueAsync(() => first.Says("leads kube-scheduler") && first.Says("leads kube-controller-manager"), "the first leads", Patience);
        await using var second = server.StartClients();
        await server.CreateNodeAsync("node-0");
        await server.CreateAsync(Kinds.Deployments, "default", """
            {"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"tolerations":[{"operator":"Exists"}],"containers":[{"name":"c","image":"x"}]}}}}
            """);
        await server.WaitForBoundAsync(3);
        Assert.False(second.Says("leads"));

        await first.KillAsync();
        (await server.Client.PatchAsync(
            Kinds.Deployments, "default", "web", Patch.Merge(System.Text.Json.Nodes.JsonNode.Parse("""{"spec":{"replicas":5}}""")!), CancellationToken.None)).OrThrow();
        await server.WaitForBoundAsync(5);
        Assert.True(second.Says("leads kube-scheduler") && second.Says("leads kube-controller-manager"));
    }

    [Theory]
    [InlineData("--components scheduler,controllers", "--kubeconfig is required: --components has no API server, so it must name one")]
    [InlineData("--components scheduler --kubeconfig F --data-dir D", "--data-dir is for the API server: --components has none")]
    [InlineData("--components controllers --kubeconfig F --etcd-servers http://127.0.0.1:2379", "--etcd-servers is for the API server: --components has none")]
    [InlineData("--components controllers --kubeconfig F --cluster-signing-cert-file C", "--cluster-signing-cert-file and --cluster-signing-key-file must be set together")]
    [InlineData("--data-dir D --kubeconfig F", "--kubeconfig is for a scheduler and controllers without an API server: --components has one")]
    [InlineData("", "--data-dir is required: the API server keeps its keys and objects there")]
    [InlineData("--data-dir D --components apiserver,proxy", "--components: \"proxy\" is none of apiserver, scheduler, controllers")]
    [InlineData("--data-dir D --components ,", "--components wants at least one")]
    public async Task Parts_that_make_no_sense_together_are_refused_in_a_sentence(string options, string sentence)
    {
        var (exitCode, error) = await ServeAsync(options);
        Assert.Equal(sentence, error.TrimEnd());
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task A_kubeconfig_that_is_not_there_is_told()
    {
        var (exitCode, error) = await ServeAsync("--components scheduler --kubeconfig /nowhere");
        Assert.StartsWith("clustercore: kubeconfig /nowhere cannot be read", error, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
    }

    private static async Task<(int ExitCode, string Error)> ServeAsync(string options)
    {
        using var process = Process.Start(new ProcessStartInfo(Member.Executable(), ["serve", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }
}
