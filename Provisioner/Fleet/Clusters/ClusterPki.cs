using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Provisioner.Fleet.Secrets;

namespace Flotilla.Provisioner.Fleet.Clusters;

/// <summary>
/// A cluster's own root of trust, made once and shared by all its masters: the CA and the key that signs service account
/// tokens. Keys are sealed at rest.
/// </summary>
public static class ClusterPki
{
    private const int Years = 10;

    /// <summary>Gives the cluster what it lacks of it.</summary>
    public static void Ensure(Cluster cluster, SecretBox secrets, DateTimeOffset now)
    {
        if (cluster.CaKey is null)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            cluster.CaCertificate = CreateCa($"flotilla-{cluster.Id}", key, now);
            cluster.CaKey = secrets.Seal(key.ExportECPrivateKeyPem(), KubeconfigIssuer.CaKeyPurpose(cluster.Id));
        }
        if (cluster.ServiceAccountKey is null)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            cluster.ServiceAccountKey = secrets.Seal(key.ExportECPrivateKeyPem(), ServiceAccountKeyPurpose(cluster.Id));
        }
        EnsureEtcd(cluster, secrets, now);
    }

    private static void EnsureEtcd(Cluster cluster, SecretBox secrets, DateTimeOffset now)
    {
        if (cluster.Masters == 1 || cluster.EtcdCaKey is not null) { return; }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        cluster.EtcdCaCertificate = CreateCa($"etcd-{cluster.Id}", key, now);
        cluster.EtcdCaKey = secrets.Seal(key.ExportECPrivateKeyPem(), EtcdPki.CaKeyPurpose(cluster.Id));
    }

    /// <summary>The files a master finds in its <c>pki/</c>, by name.</summary>
    public static IReadOnlyDictionary<string, string> Files(Cluster cluster, SecretBox secrets)
    {
        var serviceAccountKey = secrets.Unseal(cluster.ServiceAccountKey, ServiceAccountKeyPurpose(cluster.Id));
        using var key = ECDsa.Create();
        key.ImportFromPem(serviceAccountKey);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ca.crt"] = cluster.CaCertificate!,
            ["ca.key"] = secrets.Unseal(cluster.CaKey, KubeconfigIssuer.CaKeyPurpose(cluster.Id)),
            ["sa.key"] = serviceAccountKey,
            ["sa.pub"] = key.ExportSubjectPublicKeyInfoPem(),
        };
    }

    private static string ServiceAccountKeyPurpose(string clusterId) => $"cluster {clusterId} sa.key";

    private static string CreateCa(string name, ECDsa key, DateTimeOffset now)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(Years));
        return certificate.ExportCertificatePem() + "\n";
    }
}
