using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.ApiServer.Certificates;

/// <summary>A certificate authority that signs the certificates of one cluster.</summary>
internal sealed class CertificateAuthority(X509Certificate2 certificate, TimeProvider clock)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    public X509Certificate2 Certificate => certificate;

    public static X509Certificate2 CreateSelfSigned(string commonName, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(10));
    }

    /// <summary>A server certificate for names and addresses; also good as a client certificate.</summary>
    public X509Certificate2 IssueServer(string commonName, IEnumerable<string> names) =>
        Issue($"CN={commonName}", ServerAuthentication, AlternativeNames(names));

    /// <summary>A client certificate: Kubernetes reads the user's name from CN and the groups from O.</summary>
    public X509Certificate2 IssueClient(string user, params IEnumerable<string> groups)
    {
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in groups) { subject.AddOrganizationName(group); }
        subject.AddCommonName(user);
        return Issue(subject.Build().Name, ClientAuthentication, null);
    }

    private X509Certificate2 Issue(string subject, Oid usage, X509Extension? alternativeNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, true, false));
        if (alternativeNames is not null) { request.CertificateExtensions.Add(alternativeNames); }
        var now = clock.GetUtcNow();
        using var issued = request.Create(certificate, now.AddMinutes(-5), now.AddYears(1), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    private static X509Extension AlternativeNames(IEnumerable<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) { builder.AddIpAddress(address); }
            else { builder.AddDnsName(name); }
        }

        return builder.Build();
    }
}
