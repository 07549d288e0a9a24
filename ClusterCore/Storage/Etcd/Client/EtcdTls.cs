using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

internal static class EtcdTls
{
    /// <summary>Trusts the given authority alone, and shows the client certificate where there is one.</summary>
    public static SslClientAuthenticationOptions Options(EtcdStoreOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.CaFile is { } authority)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(authority);
            tls.CertificateChainPolicy = policy;
        }

        if (options.CertificateFile is { } certificate)
        {
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, options.KeyFile)];
        }

        return tls;
    }
}
