using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>The web server: TLS with a client certificate if the client has one, HTTP/1.1 and HTTP/2, and one handler for everything.</summary>
internal static class KestrelSetup
{
    private const int LongestHead = 1024 * 1024;
    private const int MostHeaders = 2000;

    public static WebApplication Build(ApiServerOptions options, ClusterPki pki, RequestPipeline pipeline, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Limit(kestrel, options);
            foreach (var end in options.Listen) { kestrel.Listen(end, listen => Secure(listen, pki)); }
        });
        var application = builder.Build();
        application.Run(pipeline.HandleAsync);
        return application;
    }

    private static void Limit(KestrelServerOptions kestrel, ApiServerOptions options)
    {
        kestrel.AddServerHeader = false;
        // A warning shows what the client wrote, in its own letters.
        kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.UTF8;
        kestrel.AllowSynchronousIO = false;
        var limits = kestrel.Limits;
        // One client holds all its watches on one connection: client-go opens one per resource, a controller manager about sixty.
        limits.Http2.MaxStreamsPerConnection = 1000;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        limits.Http2.InitialStreamWindowSize = 256 * 1024;
        limits.MaxRequestBodySize = null;
        // As Go's server: a selector of many values is long, and so is a user of many groups behind a front proxy.
        limits.MaxRequestLineSize = LongestHead;
        limits.MaxRequestHeadersTotalSize = LongestHead;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.Http2.MaxRequestHeaderFieldSize = LongestHead;
        limits.RequestHeadersTimeout = options.SlowestHead;
        limits.MinRequestBodyDataRate = new(240, TimeSpan.FromSeconds(5));
        // A watch may have nothing to say for a long time, and a client may read slowly: neither is an attack.
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
    }

    private static void Secure(ListenOptions listen, ClusterPki pki)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = pki.Server,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateMode = ClientCertificateMode.AllowCertificate,
            // Whether it is a good one is decided with the request, so that a bad one gets a Status and not a broken connection.
            ClientCertificateValidation = (_, _, _) => true,
            CheckCertificateRevocation = false,
            HandshakeTimeout = TimeSpan.FromSeconds(10),
            OnAuthenticate = (_, authentication) =>
            {
                authentication.AllowRenegotiation = false;
                // Nor is it looked for among the machine's own authorities, which would all be read for it.
                authentication.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            },
        });
    }
}
