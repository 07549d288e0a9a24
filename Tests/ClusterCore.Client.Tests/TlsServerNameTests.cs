using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.Client.Tests;

public sealed class TlsServerNameTests
{
    private const string ServerName = "c1.clusters.test";

    [Fact]
    public async Task The_server_name_of_a_kubeconfig_is_asked_for_and_checked_in_place_of_the_address()
    {
        using var certificate = CertificateFor(ServerName);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = AnswerOnceAsync(listener, certificate);
        var kubeconfig = new Kubeconfig
        {
            Server = new($"https://{listener.LocalEndpoint}"),
            TlsServerName = ServerName,
            CertificateAuthority = certificate.ExportCertificatePem(),
        };

        using var client = new HttpClient(ApiConnection.CreateHandler(kubeconfig));
        Assert.Equal("ok", await client.GetStringAsync(new Uri(kubeconfig.Server, "/readyz")));
        Assert.Equal(ServerName, await asked);
    }

    private static async Task<string> AnswerOnceAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var socket = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        var request = new byte[4096];
        Assert.NotEqual(0, await tls.ReadAsync(request));
        await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray());
        return tls.TargetHostName;
    }

    private static X509Certificate2 CertificateFor(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-1), now.AddHours(1));
    }
}
