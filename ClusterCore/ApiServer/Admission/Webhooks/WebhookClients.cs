using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.ApiServer.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>HTTPS to webhooks: one client, with its connections kept open, for each place and authority.</summary>
internal sealed class WebhookClients(ServiceDialer services, TimeProvider clock) : IDisposable
{
    private const int MostClients = 256;
    private static readonly TimeSpan connectionLife = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<WebhookTarget, HttpClient> clients = new();

    /// <summary>The answer's body, or why there is none.</summary>
    public async ValueTask<(byte[]? Body, string? Failure)> PostAsync(Webhook webhook, byte[] question, CancellationToken cancellationToken)
    {
        var url = new UriBuilder(webhook.Target.Url) { Query = $"timeout={webhook.Timeout.TotalSeconds}s" }.Uri;
        using var deadline = new CancellationTokenSource(webhook.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = Request(url, question);
            using var response = await ClientOf(webhook.Target).SendAsync(request, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return response.IsSuccessStatusCode ? (body, null) : (null, Describe(response.StatusCode, body));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"Post \"{url}\": context deadline exceeded");
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return (null, $"could not get REST client: unable to load root certificates: {exception.Message}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return (null, $"Post \"{url}\": {Describe(url, exception)}");
        }
    }

    public void Dispose()
    {
        foreach (var client in clients.Values) { client.Dispose(); }
    }

    private static HttpRequestMessage Request(Uri url, byte[] question)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = new ByteArrayContent(question) { Headers = { ContentType = new("application/json") } },
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.ParseAdd("kube-apiserver-admission");
        return request;
    }

    private HttpClient ClientOf(WebhookTarget target)
    {
        // Clients of configurations long gone: their connections close by themselves when they are idle.
        if (clients.Count >= MostClients) { clients.Clear(); }
        return clients.GetOrAdd(target, Connect);
    }

    private HttpClient Connect(WebhookTarget target) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // Endpoints of a Service come and go: a connection is not kept to one of them for ever.
        PooledConnectionLifetime = connectionLife,
        SslOptions = { CertificateChainPolicy = ChainPolicy(target.Authorities) },
        ConnectCallback = target.Service is { } service ? (_, cancellationToken) => services.DialAsync(service, cancellationToken) : null,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = BodyReader.Limit,
    };

    private static X509ChainPolicy? ChainPolicy(string authorities)
    {
        if (authorities.Length == 0) { return null; }
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPem(System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(authorities)));
        return policy;
    }

    private static string Describe(Uri url, Exception exception) => exception.InnerException switch
    {
        SocketException refused => $"dial tcp {url.Authority}: {refused.Message}",
        AuthenticationException untrusted => $"tls: failed to verify certificate: x509: {untrusted.Message}",
        IOException broken => broken.Message,
        _ => exception.Message,
    };

    private static string Describe(HttpStatusCode code, byte[] body) => code switch
    {
        HttpStatusCode.NotFound => "the server could not find the requested resource",
        HttpStatusCode.Unauthorized => "the server has asked for the client to provide credentials",
        HttpStatusCode.BadRequest => "the server rejected our request for an unknown reason",
        _ => $"an error on the server (\"{System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 1024))).Trim()}\") has prevented the request from succeeding",
    };
}
