using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>A request passed on to a node or a pod, its answer passed back as it comes: a followed log shows at once.</summary>
internal sealed class HttpRelay(X509Certificate2 clientCertificate) : IDisposable
{
    private static readonly HashSet<string> hopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Host", "Authorization", "Content-Length", "Accept-Encoding",
    };

    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        SslOptions = KubeletTls.Options("", clientCertificate),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public async Task RunAsync(HttpContext context, Uri target)
    {
        using var request = Copy(context.Request, target);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            await PassBackAsync(context, answer);
        }
        catch (HttpRequestException exception)
        {
            throw Refusal.Internal($"error trying to reach service: dial tcp {target.Authority}: {exception.Message}");
        }
    }

    public void Dispose() => client.Dispose();

    private static HttpRequestMessage Copy(HttpRequest source, Uri target)
    {
        var request = new HttpRequestMessage(new(source.Method), target);
        if (source.ContentLength > 0 || source.Headers.TransferEncoding.Count > 0) { request.Content = new StreamContent(source.Body); }
        foreach (var (name, values) in source.Headers)
        {
            if (hopByHop.Contains(name) || name.StartsWith(':')) { continue; }
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) { request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values); }
        }

        return request;
    }

    private static async Task PassBackAsync(HttpContext context, HttpResponseMessage answer)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!hopByHop.Contains(name)) { response.Headers[name] = values.ToArray(); }
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[32 * 1024];
        while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
