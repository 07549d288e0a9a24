using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>A request passed on to a node or a pod, its answer passed back as it comes: a followed log shows at once.</summary>
internal sealed class HttpRelay(KubeletDialer dialer, X509Certificate2 clientCertificate) : IDisposable
{
    private static readonly HashSet<string> hopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Host", "Authorization", "Content-Length", "Accept-Encoding",
    };

    private readonly HttpClient client = Client(
        KubeletTls.Options("", clientCertificate),
        (context, cancellationToken) => dialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken));

    /// <summary>To a node.</summary>
    /// <param name="refusalsAsStatus">Whether a refusal in plain words becomes a Status, as clients of objects expect.</param>
    public Task RunAsync(HttpContext context, Uri target, bool refusalsAsStatus = false) => RunAsync(context, target, client, refusalsAsStatus);

    /// <summary>Over a connection that is there already, and ends with the answer.</summary>
    public static async Task RunAsync(HttpContext context, Uri target, Stream connection)
    {
        using var once = Client(KubeletTls.Unchecked(target.Host), (_, _) => ValueTask.FromResult(connection));
        await RunAsync(context, target, once, refusalsAsStatus: false);
    }

    private static HttpClient Client(
        SslClientAuthenticationOptions tls, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new(new SocketsHttpHandler
        {
            SslOptions = tls,
            ConnectCallback = connect,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        })
        { Timeout = Timeout.InfiniteTimeSpan };

    private static async Task RunAsync(HttpContext context, Uri target, HttpClient client, bool refusalsAsStatus)
    {
        using var request = Copy(context.Request, target);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            if (refusalsAsStatus && !answer.IsSuccessStatusCode) { throw await RefusalAsync(answer, context.RequestAborted); }
            await PassBackAsync(context, answer);
        }
        catch (HttpRequestException exception)
        {
            throw Refusal.Internal($"error trying to reach service: dial tcp {target.Authority}: {exception.Message}");
        }
    }

    /// <summary>A kubelet's JSON answer to this server's own question; null when it gives none.</summary>
    public async Task<JsonObject?> AskAsync(Uri target, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(target, cancellationToken);
            return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken)) as JsonObject : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            return null;
        }
    }

    public void Dispose() => client.Dispose();

    private static async Task<StatusException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var reason = answer.StatusCode switch
        {
            HttpStatusCode.BadRequest => "BadRequest",
            HttpStatusCode.NotFound => "NotFound",
            HttpStatusCode.Forbidden => "Forbidden",
            HttpStatusCode.UnprocessableEntity => "Invalid",
            _ => "InternalError",
        };
        return new(new((int)answer.StatusCode, reason, text.Trim()));
    }

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
