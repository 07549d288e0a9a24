using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>The answer of a node or a pod, passed back as it comes; pages are read whole, because their links change.</summary>
internal static class ProxiedAnswer
{
    /// <summary>What concerns one connection only (RFC 9110 §7.6.1), and the length, which may change on the way.</summary>
    public static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length",
    };

    private const int LargestPage = 8 * 1024 * 1024;

    public static async Task SendAsync(HttpContext context, HttpResponseMessage answer, ProxyLinks? links = null)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!HopByHop.Contains(name)) { response.Headers[name] = values.ToArray(); }
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        if (links is not null && response.Headers.Location is [{ Length: > 0 } location]) { response.Headers.Location = links.Rewrite(location); }
        else if (links is not null && IsPage(answer)) { await PageAsync(response, body, links, context.RequestAborted); }
        await CopyAsync(body, response, context.RequestAborted);
    }

    private static bool IsPage(HttpResponseMessage answer) =>
        answer.Content.Headers.ContentType?.MediaType == "text/html" && answer.Content.Headers.ContentEncoding.Count == 0;

    /// <summary>As Latin-1, in which every byte is a character: what is no link goes through untouched, whatever its encoding. A longer page keeps its links.</summary>
    private static async Task PageAsync(HttpResponse response, Stream body, ProxyLinks links, CancellationToken cancellationToken)
    {
        using var page = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (page.Length < LargestPage && await body.ReadAsync(buffer, cancellationToken) is > 0 and var read) { page.Write(buffer, 0, read); }
        var bytes = page.GetBuffer().AsMemory(0, (int)page.Length);
        if (page.Length < LargestPage) { bytes = Encoding.Latin1.GetBytes(HtmlLinks.Rewrite(Encoding.Latin1.GetString(bytes.Span), links.Rewrite)); }
        await response.Body.WriteAsync(bytes, cancellationToken);
    }

    private static async Task CopyAsync(Stream body, HttpResponse response, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }
}
