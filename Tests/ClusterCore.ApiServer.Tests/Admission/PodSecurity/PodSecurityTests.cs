using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.PodSecurity;

[Collection(ServerCollection.Name)]
public sealed class PodSecurityTests(RunningServer server)
{
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"x"}]}}""";

    [Fact]
    public async Task A_pod_that_its_namespace_forbids_is_refused_and_its_template_warned_about()
    {
        var path = await NamespaceAsync("secure", "\"pod-security.kubernetes.io/enforce\":\"baseline\"");
        var refused = await server.CreateAsync($"/api/v1{path}/pods", """{"metadata":{"name":"p"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"x"}]}}""");
        Assert.Equal(
            (403, "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)"), (refused.Code, refused.Message));
        var warned = await server.CreateAsync($"/apis/apps/v1{path}/deployments", $$$"""{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{{{Template}}} } }""");
        Assert.Equal(201, warned.Code);
        Assert.Contains(warned.Warnings, warning => warning.Contains("would violate PodSecurity \\\"baseline:latest\\\": host namespaces (hostNetwork=true)", StringComparison.Ordinal));
        Assert.Equal(201, (await server.CreateAsync($"/api/v1{path}/pods", """{"metadata":{"name":"q"},"spec":{"containers":[{"name":"c","image":"x"}]}}""")).Code);
    }

    [Fact]
    public async Task A_wrong_label_is_refused()
    {
        var refused = await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"strange","labels":{"pod-security.kubernetes.io/enforce":"strict"}}}""");
        Assert.Equal(
            (422, "Namespace \"strange\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of privileged, baseline, restricted"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_stricter_label_warns_of_the_pods_that_are_there()
    {
        var path = await NamespaceAsync("tightened", "\"a\":\"b\"");
        foreach (var name in (string[])["one", "two"])
        {
            Assert.Equal(201, (await server.CreateAsync($"/api/v1{path}/pods", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"hostPID":true,"containers":[{"name":"c","image":"x"}]}}""")).Code);
        }

        await Eventually.TrueAsync(async () => (await server.GetAsync($"/api/v1{path}/pods?resourceVersion=0")).Json["items"]!.AsArray().Count == 2, "the pods are seen");
        var changed = await server.PatchAsync($"/api/v1{path}", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}""");
        Assert.Equal(200, changed.Code);
        Assert.Equal(
            ["299 - \"existing pods in namespace \\\"tightened\\\" violate the new PodSecurity enforce level \\\"baseline:latest\\\"\"", "299 - \"one (and 1 other pod): host namespaces\""],
            changed.Warnings);
    }

    private async Task<string> NamespaceAsync(string name, string labels)
    {
        await server.CreateAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}","labels":{ {{{labels}}} } } }""");
        await server.CreateAsync($"/api/v1/namespaces/{name}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        return $"/namespaces/{name}";
    }
}
