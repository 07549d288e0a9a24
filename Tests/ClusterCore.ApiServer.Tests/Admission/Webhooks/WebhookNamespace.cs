using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;

/// <summary>A namespace of its own with webhooks that see it alone, so that tests share a server.</summary>
internal sealed class WebhookNamespace(RunningServer server, string name) : IAsyncDisposable
{
    private const string Group = "/apis/admissionregistration.k8s.io/v1";
    private readonly List<string> configurations = [];

    public string Maps => $"/api/v1/namespaces/{name}/configmaps";

    public string Path => $"/api/v1/namespaces/{name}";

    public static async Task<WebhookNamespace> CreateAsync(RunningServer server, string name)
    {
        await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"NAME"}}""".Replace("NAME", name, StringComparison.Ordinal));
        await server.CreateAsync($"/api/v1/namespaces/{name}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        return new(server, name);
    }

    public Task MutateAsync(string webhook, string client, string more = "") => ConfigureAsync("mutatingwebhookconfigurations", webhook, client, more);

    public Task ValidateAsync(string webhook, string client, string more = "") => ConfigureAsync("validatingwebhookconfigurations", webhook, client, more);

    /// <summary>A config map is made; the reply to that.</summary>
    public Task<Reply> CreateMapAsync(string map, string query = "", string metadata = "") => server.CreateAsync(
        Maps + query, $$$"""{"metadata":{"name":"{{{map}}}"{{{metadata}}}},"data":{"a":"1"}}""");

    public async ValueTask DisposeAsync()
    {
        foreach (var path in configurations) { await server.DeleteAsync(path); }
    }

    /// <param name="more">Members of the webhook beyond or instead of the usual ones.</param>
    private async Task ConfigureAsync(string plural, string webhook, string client, string more)
    {
        var rules = more.Contains("\"rules\"", StringComparison.Ordinal)
            ? "" : """ "rules":[{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["configmaps"]}],""";
        var selector = more.Contains("\"namespaceSelector\"", StringComparison.Ordinal)
            ? "" : $$""" "namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{name}}"} },""";
        var sideEffects = more.Contains("\"sideEffects\"", StringComparison.Ordinal) ? "" : """ "sideEffects":"None",""";
        var made = await server.CreateAsync($"{Group}/{plural}", $$"""
            {"metadata":{"name":"{{webhook}}"},"webhooks":[{"name":"{{webhook}}","clientConfig":{{client}},{{rules}}{{selector}}{{sideEffects}}
            {{(more.Length > 0 ? more + "," : "")}}"admissionReviewVersions":["v1"]}]}
            """);
        Assert.True(made.Code == 201, made.Text);
        configurations.Add($"{Group}/{plural}/{webhook}");
        // It counts once the server's own cache has it.
        await Eventually.TrueAsync(
            async () => (await server.GetAsync($"{Group}/{plural}?resourceVersion=0")).Text.Contains($"\"{webhook}\"", StringComparison.Ordinal), "the webhook is seen");
    }
}
