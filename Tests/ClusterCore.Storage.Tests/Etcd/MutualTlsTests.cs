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
        var (authority, certificate, key) = TestCertificates.Write(directory.Path);
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
}
