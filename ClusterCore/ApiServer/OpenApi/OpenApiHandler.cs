using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Discovery;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>
/// <c>/openapi/v3</c>: an index with a hash per group and version, so that clients fetch a document once; and
/// <c>/openapi/v2</c>, everything in one. Documents are made when asked for and kept as long as nobody needs the memory.
/// </summary>
internal sealed class OpenApiHandler(ServedResources resources)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, WeakReference<byte[]>> documents = new(StringComparer.Ordinal);

    public Task V3IndexAsync(ApiRequest request)
    {
        var paths = new JsonObject();
        foreach (var version in Versions())
        {
            paths[PathOf(version)] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{PathOf(version)}?hash={HashOf(version)}" };
        }

        return CachedDocument.SendAsync(request, JsonCodec.Encode(new JsonObject { ["paths"] = paths }), "application/json");
    }

    public Task V3Async(ApiRequest request, string path)
    {
        var version = Versions().FirstOrDefault(one => PathOf(one) == path);
        if (version == default) { throw Refusal.PathNotFound(); }
        var hash = HashOf(version);
        var asked = request.Query("hash");
        if (asked.Length > 0 && asked != hash)
        {
            request.Http.Response.Redirect($"/openapi/v3/{path}?hash={hash}", permanent: true);
            return Task.CompletedTask;
        }

        // The hash names the content: it may be kept for ever.
        if (asked.Length > 0) { request.Http.Response.Headers.Expires = "Fri, 31 Dec 2066 00:00:00 GMT"; }
        return CachedDocument.SendAsync(request, Document(path + hash, () => JsonCodec.Encode(OpenApiV3.Document(resources, version))), "application/json",
            asked.Length > 0 ? CachedDocument.ForEver : "no-cache, private");
    }

    public Task V2Async(ApiRequest request)
    {
        var accept = request.Http.Request.Headers.Accept.ToString();
        return accept.StartsWith(OpenApiCodec.Asked, StringComparison.OrdinalIgnoreCase) || accept.StartsWith(OpenApiCodec.MediaType, StringComparison.OrdinalIgnoreCase)
            ? CachedDocument.SendAsync(request, Document($"v2.pb/{resources.Generation}", () => OpenApiCodec.Encode(OpenApiV2.Document(resources))), OpenApiCodec.MediaType)
            : CachedDocument.SendAsync(request, Document($"v2/{resources.Generation}", () => JsonCodec.Encode(OpenApiV2.Document(resources))), "application/json");
    }

    private IEnumerable<(string Group, string Version)> Versions() =>
        resources.All.Select(resource => (resource.Group, resource.Version)).Distinct();

    private static string PathOf((string Group, string Version) version) =>
        version.Group.Length == 0 ? $"api/{version.Version}" : $"apis/{version.Group}/{version.Version}";

    /// <summary>Built-in documents change with the program only; those with custom resources with every definition.</summary>
    private string HashOf((string Group, string Version) version)
    {
        var isCustom = resources.Custom.Any(resource => (resource.Info.Group, resource.Info.Version) == version);
        var seed = $"{typeof(OpenApiHandler).Module.ModuleVersionId}/{PathOf(version)}/{(isCustom ? resources.Generation : 0)}";
        return CachedDocument.Hash(System.Text.Encoding.UTF8.GetBytes(seed));
    }

    private byte[] Document(string key, Func<byte[]> make)
    {
        lock (gate)
        {
            if (documents.TryGetValue(key, out var kept) && kept.TryGetTarget(out var known)) { return known; }
            var made = make();
            documents[key] = new(made);
            return made;
        }
    }
}
