using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Kubectl;

/// <summary>The real kubectl against the server.</summary>
[Collection(ServerCollection.Name)]
public sealed class KubectlTests(RunningServer server)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: NAME, labels: {app: NAME}}
        spec:
          replicas: 3
          selector: {matchLabels: {app: NAME}}
          template:
            metadata: {labels: {app: NAME}}
            spec:
              containers: [{name: web, image: "nginx:1.14.2", ports: [{containerPort: 80}]}]
        """;

    [Fact]
    public async Task Create_get_scale_and_delete()
    {
        Assert.Contains("deployment.apps/made created", await RunAsync("create deployment made --image=nginx"), StringComparison.Ordinal);
        Assert.Contains("0/1", await RunAsync("get deployment made"), StringComparison.Ordinal);
        Assert.Contains("scaled", await RunAsync("scale deployment made --replicas=4"), StringComparison.Ordinal);
        Assert.Equal("4", await RunAsync("get deployment made -o jsonpath={.spec.replicas}"));
        Assert.Contains("deleted", await RunAsync("delete deployment made"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_twice_changes_nothing()
    {
        var manifest = Manifest.Replace("NAME", "applied", StringComparison.Ordinal);
        Assert.Contains("created", await RunAsync("apply -f -", manifest), StringComparison.Ordinal);
        Assert.Contains("unchanged", await RunAsync("apply -f -", manifest), StringComparison.Ordinal);
        Assert.Contains("configured", await RunAsync("apply -f -", manifest.Replace("1.14.2", "1.16", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("serverside-applied", await RunAsync("apply --server-side --force-conflicts -f -", manifest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replace_makes_what_a_put_makes_and_nothing_else()
    {
        const string service = """{"apiVersion":"v1","kind":"Service","metadata":{"name":"replaced"},"spec":{"ports":[{"port":80}]}}""";
        const string map = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"replaced"}}""";
        Assert.Contains("service/replaced replaced", await RunAsync("replace -f -", service), StringComparison.Ordinal);
        Assert.Equal("80", await RunAsync("get service replaced -o jsonpath={.spec.ports[0].port}"));
        Assert.Contains("configmaps \"replaced\" not found", await RunAsync("replace -f -", map, fails: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_every_cluster_has_is_printed_as_by_any_other()
    {
        var printed = await RunAsync("get apiservices,flowschemas,prioritylevelconfigurations");
        Assert.Matches(@"apiservice\.apiregistration\.k8s\.io/v1\.apps +Local +True +\S+", printed);
        Assert.Matches(@"flowschema\.flowcontrol\.apiserver\.k8s\.io/probes +exempt +2 +<none> +\S+ +False", printed);
        Assert.Matches(@"prioritylevelconfiguration\.flowcontrol\.apiserver\.k8s\.io/system +Limited +30 +64 +6 +50 +\S+", printed);
        Assert.Contains("Local APIServices are always available", await RunAsync("describe apiservice v1."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_field_is_refused_before_anything_is_made()
    {
        var refused = await RunAsync("apply -f -", Manifest.Replace("NAME", "misspelt", StringComparison.Ordinal).Replace("replicas", "replicaz", StringComparison.Ordinal), fails: true);
        Assert.Contains("unknown field \"spec.replicaz\"", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_annotate_patch_and_describe()
    {
        await RunAsync("create configmap edited --from-literal=a=b");
        Assert.Contains("labeled", await RunAsync("label configmap edited team=red"), StringComparison.Ordinal);
        Assert.Contains("annotated", await RunAsync("annotate configmap edited note=x"), StringComparison.Ordinal);
        Assert.Contains("patched", await RunAsync("""patch configmap edited -p {"data":{"a":"c"}}"""), StringComparison.Ordinal);
        var described = await RunAsync("describe configmap edited");
        Assert.Contains("team=red", described, StringComparison.Ordinal);
        Assert.Contains("edited", await RunAsync("get configmaps -l team=red -o name"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain deployment.spec.strategy.rollingUpdate", "maxSurge")]
    [InlineData("explain pods.spec.containers", "imagePullPolicy")]
    [InlineData("api-resources", "deployments")]
    [InlineData("api-versions", "apps/v1")]
    [InlineData("version", "Server Version: v1.36")]
    [InlineData("auth can-i create deployments", "yes")]
    [InlineData("auth can-i --list", "*.*")]
    [InlineData("auth whoami", "kubernetes-admin")]
    [InlineData("get namespaces", "kube-system")]
    [InlineData("get --raw /readyz?verbose", "readyz check passed")]
    [InlineData("create token default", "eyJ")]
    [InlineData("get clusterroles view -o yaml", "aggregationRule")]
    [InlineData("cluster-info", "Kubernetes control plane")]
    public async Task Questions_are_answered(string arguments, string expected) =>
        Assert.Contains(expected, await RunAsync(arguments), StringComparison.Ordinal);

    private async Task<string> RunAsync(string arguments, string? input = null, bool fails = false)
    {
        var start = new ProcessStartInfo("kubectl", arguments.Split(' '))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = server.KubeconfigPath;
        start.Environment["KUBECACHEDIR"] = Path.Combine(Path.GetDirectoryName(server.KubeconfigPath)!, "cache");
        using var process = Process.Start(start)!;
        if (input is not null) { await process.StandardInput.WriteAsync(input); }
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0 != fails, text);
        return text;
    }
}
