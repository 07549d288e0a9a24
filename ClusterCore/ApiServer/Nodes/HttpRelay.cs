using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>A request passed on to a node or a pod, its answer passed back as it comes: a followed log shows at once.</summary>
internal sealed class HttpRelay(KubeletDialer dialer, X509Certificate2 clientCertificate) : IDisposable
{
    private static readonly HashSet<string> notPassedOn = new(ProxiedAnswer.HopByHop, StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Authorization", "Accept-Encoding", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
    };

    private readonly HttpClient client = Client(
        KubeletTls.Options("", clientCertificate),
        (context, cancellationToken) => dialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken));

    /// <summary>To a node.</summary>
    public Task RunAsync(HttpContext context, Uri target, ProxyLinks links) => RunAsync(context, target, links, client);

    /// <summary>Over a connection that is there already, and ends with the answer.</summary>
    public static async Task RunAsync(HttpContext context, Uri target, ProxyLinks links, Stream connection)
    {
        using var once = Client(KubeletTls.Unchecked(target.Host), (_, _) => ValueTask.FromResult(connection));
        await RunAsync(context, target, links, once);
    }

    /// <summary>A container's log: a refusal in plain words becomes a Status, as clients of objects expect.</summary>
    public Task LogAsync(HttpContext context, Uri target) => RunAsync(context, target, client, async answer =>
    {
        if (!answer.IsSuccessStatusCode) { throw await RefusalAsync(answer, context.RequestAborted); }
        await (ServerSocket.IsWanted(context.Request) ? LogSocket.SendAsync(context, answer) : ProxiedAnswer.SendAsync(context, answer));
    });

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

    private static Task RunAsync(HttpContext context, Uri target, ProxyLinks links, HttpClient client)
    {
        // By this a server behind the proxy can know the address under which browsers see it.
        context.Request.Headers["X-Forwarded-Uri"] = links.Prefix + target.AbsolutePath;
        return RunAsync(context, target, client, answer => ProxiedAnswer.SendAsync(context, answer, links));
    }

    private static async Task RunAsync(HttpContext context, Uri target, HttpClient client, Func<HttpResponseMessage, Task> answerAsync)
    {
        using var request = Copy(context.Request, target);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            await answerAsync(answer);
        }
        catch (HttpRequestException exception)
        {
            throw Refusal.ServiceUnavailable($"error trying to reach service: dial tcp {target.Authority}: {exception.Message}");
        }
    }

    /// <summary>A kubelet's JSON answer to this server's own question; null when it gives none.</summary>
    public async Task<JsonObject?> AskAsync(Uri target, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(target, cancellationToken);
            return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken), documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject : null;
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
            if (notPassedOn.Contains(name) || name.StartsWith(':')) { continue; }
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) { request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values); }
        }

        return request;
    }
}
