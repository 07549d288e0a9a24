using System.Security.Cryptography;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Pipeline;

namespace Flotilla.ClusterCore.ApiServer.Discovery;

/// <summary>A document clients keep: its ETag is its hash, and who has it already gets 304.</summary>
internal static class CachedDocument
{
    public const string ForAll = "public";
    public const string ForEver = "public, immutable";

    public static Task SendAsync(ApiRequest request, byte[] body, string contentType, string cacheControl = "no-cache, private")
    {
        var response = request.Http.Response;
        var tag = $"\"{Hash(body)}\"";
        response.Headers.ETag = tag;
        response.Headers.Vary = "Accept";
        if (!request.Http.Request.Headers.IfNoneMatch.Contains(tag)) { return Answer.BytesAsync(request.Http, body, contentType, cacheControl: cacheControl); }
        response.StatusCode = 304;
        response.Headers.CacheControl = cacheControl;
        return Task.CompletedTask;
    }

    public static string Hash(ReadOnlySpan<byte> body) => Convert.ToHexString(SHA512.HashData(body));
}
