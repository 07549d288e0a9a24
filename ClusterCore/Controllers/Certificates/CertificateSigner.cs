using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Certificates;

/// <summary>Signs what was approved, with the cluster's CA. The request says who; what for, the signer's name and the usages say.</summary>
internal sealed class CertificateSigner(string certificatePem, string keyPem)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    /// <summary>Clocks of a cluster may differ a little.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, X509KeyUsageFlags> KeyUsages = new(StringComparer.Ordinal)
    {
        ["digital signature"] = X509KeyUsageFlags.DigitalSignature,
        ["key encipherment"] = X509KeyUsageFlags.KeyEncipherment,
        ["content commitment"] = X509KeyUsageFlags.NonRepudiation,
        ["data encipherment"] = X509KeyUsageFlags.DataEncipherment,
        ["key agreement"] = X509KeyUsageFlags.KeyAgreement,
    };
    private static readonly Dictionary<string, string> ExtendedUsages = new(StringComparer.Ordinal)
    {
        ["client auth"] = "1.3.6.1.5.5.7.3.2",
        ["server auth"] = "1.3.6.1.5.5.7.3.1",
        ["code signing"] = "1.3.6.1.5.5.7.3.3",
        ["email protection"] = "1.3.6.1.5.5.7.3.4",
        ["timestamping"] = "1.3.6.1.5.5.7.3.8",
        ["ocsp signing"] = "1.3.6.1.5.5.7.3.9",
    };

    /// <returns>The certificate as PEM.</returns>
    /// <exception cref="CryptographicException">The request is not one, or its signature is not its own.</exception>
    public byte[] Sign(CertificateSigningRequestSpec spec, DateTimeOffset now)
    {
        var asked = Read(spec);
        using var authority = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        var request = new CertificateRequest(asked.SubjectName, asked.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var usages = spec.Usages ?? [];
        var flags = usages.Where(KeyUsages.ContainsKey).Aggregate(X509KeyUsageFlags.None, (all, usage) => all | KeyUsages[usage]);
        if (flags != X509KeyUsageFlags.None)
        {
            // RFC 5280, 4.2.1.3: at least one bit must be set, else nobody accepts the certificate.
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        }
        var extended = new OidCollection();
        foreach (var usage in usages.Where(ExtendedUsages.ContainsKey))
        {
            extended.Add(new Oid(ExtendedUsages[usage]));
        }
        if (extended.Count > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(extended, false));
        }
        foreach (var names in asked.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            request.CertificateExtensions.Add(names);
        }
        var lifetime = spec.ExpirationSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, Shortest.TotalSeconds, Longest.TotalSeconds)) : Longest;
        var authorityEnds = new DateTimeOffset(authority.NotAfter);
        var notAfter = now + lifetime < authorityEnds ? now + lifetime : authorityEnds;
        using var signed = Create(request, authority, now - Skew, notAfter);
        return Encoding.ASCII.GetBytes(signed.ExportCertificatePem() + "\n");
    }

    public static CertificateRequest Read(CertificateSigningRequestSpec spec) => CertificateRequest.LoadSigningRequestPem(
        Encoding.ASCII.GetString(spec.Request ?? []), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);

    private static X509Certificate2 Create(CertificateRequest request, X509Certificate2 authority, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var generator = authority.GetECDsaPrivateKey() is { } elliptic
            ? X509SignatureGenerator.CreateForECDsa(elliptic)
            : X509SignatureGenerator.CreateForRSA(authority.GetRSAPrivateKey()!, RSASignaturePadding.Pkcs1);
        return request.Create(authority.SubjectName, generator, notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
    }
}
