using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Provisioner.Gateway.Tests;

public sealed class GatewayListenerTests : IAsyncLifetime
{
    private readonly IPEndPoint address = FreeAddress();
    private readonly FixedRoutes routes = new();
    private GatewayListener? gateway;

    public async ValueTask InitializeAsync()
    {
        gateway = new(new() { Listen = address }, routes, TimeProvider.System, NullLogger<GatewayListener>.Instance);
        await gateway.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway!.StopAsync(CancellationToken.None);
        gateway.Dispose();
    }

    [Fact]
    public async Task Each_name_reaches_its_own_cluster()
    {
        await using var one = TlsEcho.Start("one");
        await using var two = TlsEcho.Start("two");
        routes.Clusters["a.clusters.test"] = [one.Address];
        routes.Clusters["b.clusters.test"] = [two.Address];

        Assert.Equal("one", await AskAsync("a.clusters.test"));
        Assert.Equal("two", await AskAsync("b.clusters.test"));
    }

    [Fact]
    public async Task A_dead_master_is_passed_over()
    {
        await using var alive = TlsEcho.Start("alive");
        routes.Clusters["a.clusters.test"] = [FreeAddress(), alive.Address];

        Assert.Equal("alive", await AskAsync("a.clusters.test"));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_an_alert() =>
        await Assert.ThrowsAnyAsync<System.Security.Authentication.AuthenticationException>(() => AskAsync("nobody.clusters.test"));

    private async Task<string> AskAsync(string serverName)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, IsOurTestServer);
        await tls.AuthenticateAsClientAsync(serverName);
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync();
    }

    private static bool IsOurTestServer(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.Subject == "CN=test";

    private static IPEndPoint FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }

    private sealed class FixedRoutes : IClusterRoutes
    {
        public Dictionary<string, IReadOnlyList<IPEndPoint>> Clusters { get; } = new(StringComparer.Ordinal);

        public ValueTask<IReadOnlyList<IPEndPoint>> FindAsync(string serverName, CancellationToken cancellationToken) =>
            new(Clusters.GetValueOrDefault(serverName, []));
    }

    /// <summary>A TLS server that says its name and hangs up.</summary>
    private sealed class TlsEcho : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task serving;

        private TlsEcho(string name)
        {
            listener.Start();
            serving = ServeAsync(name);
        }

        public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

        public static TlsEcho Start(string name) => new(name);

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await serving;
        }

        private async Task ServeAsync(string name)
        {
            using var certificate = SelfSigned();
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
            await tls.WriteAsync(System.Text.Encoding.UTF8.GetBytes(name));
            await tls.ShutdownAsync();
        }

        private static X509Certificate2 SelfSigned()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
            var now = TimeProvider.System.GetUtcNow();
            return request.CreateSelfSigned(now.AddMinutes(-1), now.AddHours(1));
        }
    }
}
