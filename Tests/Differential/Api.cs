using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Differential;

/// <param name="Path">Of the collection, in the namespace of the comparison.</param>
internal sealed record Resource(string Path);

internal sealed record Answer(int Code, string[] Warnings, JsonNode? Body);

/// <summary>One of the two API servers.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient http;

    public Api(Kubeconfig kubeconfig) => http = new HttpClient(ApiConnection.CreateHandler(kubeconfig)) { BaseAddress = kubeconfig.Server, Timeout = TimeSpan.FromMinutes(2) };

    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) { request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json")); }
        using var response = await http.SendAsync(request);
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.Order(StringComparer.Ordinal).ToArray() : [];
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, warnings, text.StartsWith('{') ? JsonNode.Parse(text) : JsonValue.Create(text));
    }

    public async Task<JsonNode> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path)).Body!;

    public async Task<Resource> ResourceAsync(string apiVersion, string kind)
    {
        var root = RootOf(apiVersion);
        var all = (await GetAsync(root))["resources"]!.AsArray().Select(static resource => resource!).ToList();
        var found = all.FirstOrDefault(resource => (string?)resource["kind"] == kind && !((string)resource["name"]!).Contains('/'))
            ?? throw new InvalidOperationException($"The peer serves no {kind} in {apiVersion}.");
        var name = (string)found["name"]!;
        var path = (bool)found["namespaced"]! ? $"{root}/namespaces/{Sample.Namespace}/{name}" : $"{root}/{name}";
        return new(path);
    }

    public static string RootOf(string apiVersion) => apiVersion.Contains('/') ? $"/apis/{apiVersion}" : $"/api/{apiVersion}";

    public void Dispose() => http.Dispose();
}
