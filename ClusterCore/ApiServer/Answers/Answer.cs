using System.IO.Compression;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary>Writes finished bodies, compressed where that pays.</summary>
internal static class Answer
{
    /// <summary>Upstream's threshold: up to it compressing costs more than it saves.</summary>
    private const int CompressFrom = 128 * 1024;

    public static Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> body, string contentType, int code = 200, string cacheControl = "no-cache, private")
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.Headers.CacheControl = cacheControl;
        if (HttpMethods.IsHead(context.Request.Method)) { return Task.CompletedTask; }
        if (body.Length > CompressFrom && AcceptsGzip(context.Request)) { return CompressedAsync(context, body); }
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task TextAsync(HttpContext context, string text, int code = 200) =>
        BytesAsync(context, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", code);

    public static Task JsonAsync(HttpContext context, ReadOnlyMemory<byte> body, int code = 200) => BytesAsync(context, body, "application/json", code);

    /// <param name="success">The code of a successful one: 200, or 201 for what was made.</param>
    public static Task StatusAsync(HttpContext context, Status status, int success = 200)
    {
        if (status.RetryAfterSeconds > 0) { context.Response.Headers.RetryAfter = status.RetryAfterSeconds.ToString(); }
        var code = status.IsSuccess ? success : status.Code;
        // 406 says that none of what was asked for can be had: it comes in JSON whatever that was.
        var type = code == 406 ? MediaType.Json : MediaType.Preferred(context.Request.Headers.Accept);
        return type.Encoding == Encoding.Json
            ? JsonAsync(context, status.ToJson(), code)
            : BytesAsync(context, ObjectAnswer.Encode(JsonNode.Parse(status.ToJson())!.AsObject(), type.Encoding), type.ContentType, code);
    }

    /// <summary>By the bare word, as upstream: <c>gzip;q=0</c> is a refusal, and with a weight nobody asks in earnest.</summary>
    public static bool AcceptsGzip(HttpRequest request) => request.Headers.AcceptEncoding
        .SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)).Contains("gzip", StringComparer.Ordinal);

    private static async Task CompressedAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.Headers.ContentEncoding = "gzip";
        context.Response.Headers.Append("Vary", "Accept-Encoding");
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(body, context.RequestAborted);
    }
}
