using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.ClusterCore.Storage.Tests.Embedded;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Storage.Tests.Etcd;

public sealed class MutualTlsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_are_reached_with_a_client_certificate_and_not_without()
    {
        using var directory = new TemporaryDirectory();
        var (authority, certificate, key) = MakeCertificates(directory.Path);
        await using var etcd = await EtcdServer.StartAsync(
            flags: $"--cert-file {certificate} --key-file {key} --client-cert-auth --trusted-ca-file {authority}");
        var options = new EtcdStoreOptions
        {
            Endpoints = etcd.Endpoints,
            CaFile = authority,
            CertificateFile = certificate,
            KeyFile = key,
            RetryTimeout = TimeSpan.FromSeconds(10),
        };
        await using (var store = await EtcdStore.OpenAsync(options, Cancellation))
        {
            Assert.True(store.Revision > 0);
        }

        _ = await Assert.ThrowsAsync<StoreUnavailableException>(() => EtcdStore.OpenAsync(
            new() { Endpoints = etcd.Endpoints, CaFile = authority, RetryTimeout = TimeSpan.Zero }, Cancellation));
        _ = await Assert.ThrowsAsync<StoreUnavailableException>(() => EtcdStore.OpenAsync(
            new() { Endpoints = etcd.Endpoints, CertificateFile = certificate, KeyFile = key, RetryTimeout = TimeSpan.Zero }, Cancellation));
    }

    private static (string Authority, string Certificate, string Key) MakeCertificates(string directory)
    {
        var (begin, end) = (DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test-ca", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(begin, end);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        request = new("CN=test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, begin, end, [1, 2, 3]);
        return (
            Write(directory, "ca.crt", authority.ExportCertificatePem()), Write(directory, "test.crt", certificate.ExportCertificatePem()),
            Write(directory, "test.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private static string Write(string directory, string name, string pem)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, pem);
        return path;
    }
}
