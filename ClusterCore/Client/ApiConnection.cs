using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.Client;

/// <summary>TLS and credentials of a kubeconfig, as an HTTP handler.</summary>
public static class ApiConnection
{
    public static HttpMessageHandler CreateHandler(Kubeconfig kubeconfig)
    {
        ArgumentNullException.ThrowIfNull(kubeconfig);
        var sockets = new SocketsHttpHandler
        {
            // Watches are streams that never end; they must not use up the streams of one connection.
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseProxy = false,
            SslOptions = Tls(kubeconfig),
        };
        HttpMessageHandler named = kubeconfig.TlsServerName is { } name ? new ServerNameHandler(name, sockets) : sockets;
        return kubeconfig.Token is null && kubeconfig.TokenFile is null ? named : new BearerTokenHandler(kubeconfig, named);
    }

    public static SslClientAuthenticationOptions Tls(Kubeconfig kubeconfig)
    {
        ArgumentNullException.ThrowIfNull(kubeconfig);
        var options = new SslClientAuthenticationOptions { TargetHost = kubeconfig.TlsServerName ?? kubeconfig.Server.Host };
        if (kubeconfig.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // The kubeconfig asks for it in so many words.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (kubeconfig.CertificateAuthority is { } authority)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(authority);
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        if (kubeconfig is { ClientCertificate: { } certificate, ClientKey: { } key })
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPem(certificate, key), additionalCertificates: null, offline: true);
        }
        return options;
    }
}

/// <summary>
/// Asks for a server name other than the address's: the sockets handler takes the name for SNI and validation from the Host
/// header, whatever its TLS options say.
/// </summary>
internal sealed class ServerNameHandler(string serverName, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Host = serverName;
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>Adds the token; one in a file is read again once a minute, since projected tokens rotate.</summary>
internal sealed class BearerTokenHandler(Kubeconfig kubeconfig, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly TimeSpan RereadAfter = TimeSpan.FromMinutes(1);
    private string? token = kubeconfig.Token;
    private long readAt;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (kubeconfig.TokenFile is { } file && (token is null || TimeProvider.System.GetElapsedTime(readAt) > RereadAfter))
        {
            token = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            readAt = TimeProvider.System.GetTimestamp();
        }
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await base.SendAsync(request, cancellationToken);
    }
}
