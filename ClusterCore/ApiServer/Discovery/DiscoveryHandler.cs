using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Discovery;

/// <summary>What the server serves: the old documents one by one, and all at once in the aggregated form.</summary>
internal sealed class DiscoveryHandler(ServedResources resources)
{
    private const string Aggregated = "APIGroupDiscoveryList";

    public Task PathsAsync(ApiRequest request)
    {
        string[] groups = [.. GroupDocuments.Groups(resources).SelectMany(group => (string[])[$"/apis/{group.Name}", .. group.Versions.Select(version => $"/apis/{group.Name}/{version}")])];
        string[] paths = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", .. groups, "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version"];
        return SendAsync(request, new() { ["paths"] = new JsonArray([.. paths.Select(path => (JsonNode)path)]) });
    }

    public Task CoreVersionsAsync(ApiRequest request) => WantsAggregated(request)
        ? SendAggregatedAsync(request, AggregatedDocument.Core(resources))
        : SendAsync(request, new()
        {
            ["kind"] = "APIVersions",
            ["versions"] = new JsonArray("v1"),
            ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = request.Http.Request.Host.ToString() }),
        });

    public Task GroupsAsync(ApiRequest request) => WantsAggregated(request)
        ? SendAggregatedAsync(request, AggregatedDocument.Named(resources))
        : SendAsync(request, new()
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([.. GroupDocuments.Groups(resources).Select(group => (JsonNode)GroupDocuments.Group(group))]),
        });

    public Task GroupAsync(ApiRequest request, string name)
    {
        var found = GroupDocuments.Groups(resources).FirstOrDefault(group => group.Name == name) ?? throw Refusal.PathNotFound();
        var document = GroupDocuments.Group(found);
        document.Insert(0, "kind", "APIGroup");
        document.Insert(1, "apiVersion", "v1");
        return SendAsync(request, document);
    }

    public Task ResourcesAsync(ApiRequest request, string group, string version) =>
        SendAsync(request, GroupDocuments.Resources(resources, group, version) ?? throw Refusal.PathNotFound());

    private static bool WantsAggregated(ApiRequest request) =>
        MediaType.Negotiate(request.Http.Request.Headers.Accept, Serves) is { As: Aggregated };

    private static bool Serves(MediaType type) =>
        type.As.Length == 0 || type is { As: Aggregated, Group: "apidiscovery.k8s.io", Version: "v2", Encoding: Encoding.Json };

    private static Task SendAggregatedAsync(ApiRequest request, JsonObject document) =>
        CachedDocument.SendAsync(request, ObjectAnswer.Encode(document, Encoding.Json), $"application/json;g=apidiscovery.k8s.io;v=v2;as={Aggregated}", CachedDocument.ForAll);

    private static Task SendAsync(ApiRequest request, JsonObject document)
    {
        var type = MediaType.Negotiate(request.Http.Request.Headers.Accept, one => one.As.Length == 0);
        return Answer.BytesAsync(request.Http, ObjectAnswer.Encode(document, type.Encoding), type.ContentType);
    }
}
