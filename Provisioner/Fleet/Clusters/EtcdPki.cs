using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Provisioner.Fleet.Secrets;

namespace Flotilla.Provisioner.Fleet.Clusters;

/// <summary>
/// Certificates of a cluster's etcd members and of their one client, the masters. An authority of its own: a user's
/// certificate, signed by the cluster's CA, opens no way around the API server.
/// </summary>
public static class EtcdPki
{
    private const int Years = 10;

    public static IReadOnlyDictionary<string, string> MemberFiles(Cluster cluster, SecretBox secrets, DateTimeOffset now)
    {
        var (certificate, key) = Issue(cluster, secrets, "etcd", now);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ca.crt"] = cluster.EtcdCaCertificate!,
            ["member.crt"] = certificate,
            ["member.key"] = key,
        };
    }

    public static IReadOnlyDictionary<string, string> ClientFiles(Cluster cluster, SecretBox secrets, DateTimeOffset now)
    {
        var (certificate, key) = Issue(cluster, secrets, "kube-apiserver-etcd-client", now);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["etcd-ca.crt"] = cluster.EtcdCaCertificate!,
            ["etcd-client.crt"] = certificate,
            ["etcd-client.key"] = key,
        };
    }

    internal static string CaKeyPurpose(string clusterId) => $"cluster {clusterId} etcd ca.key";

    private static (string Certificate, string Key) Issue(Cluster cluster, SecretBox secrets, string name, DateTimeOffset now)
    {
        using var ca = X509Certificate2.CreateFromPem(cluster.EtcdCaCertificate);
        using var caKey = ECDsa.Create();
        caKey.ImportFromPem(secrets.Unseal(cluster.EtcdCaKey, CaKeyPurpose(cluster.Id)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        // A member is server to its clients and client to its peers: server and client authentication.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var caEnd = new DateTimeOffset(ca.NotAfter.ToUniversalTime());
        var end = now.AddYears(Years) < caEnd ? now.AddYears(Years) : caEnd;
        using var certificate = request.Create(
            ca.SubjectName, X509SignatureGenerator.CreateForECDsa(caKey), now.AddMinutes(-5), end, RandomNumberGenerator.GetBytes(16));
        return (certificate.ExportCertificatePem() + "\n", key.ExportECPrivateKeyPem() + "\n");
    }
}
