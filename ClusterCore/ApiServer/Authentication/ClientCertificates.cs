using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>Users by client certificate: CN is the name, each O a group. A connection's certificate is verified once.</summary>
internal sealed class ClientCertificates(X509Certificate2 authority, TimeProvider clock)
{
    private const string CredentialId = "authentication.kubernetes.io/credential-id";
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";
    private const string UserId = "1.3.6.1.4.1.57683.2";

    private readonly ConditionalWeakTable<X509Certificate2, Verdict> verdicts = new();

    /// <summary>Null for a certificate this authority did not sign, or that is not valid now.</summary>
    public UserInfo? UserOf(X509Certificate2 certificate)
    {
        var verdict = verdicts.GetValue(certificate, Verify);
        return certificate.NotAfter.ToUniversalTime() < clock.GetUtcNow().UtcDateTime ? null : verdict.User;
    }

    private Verdict Verify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.2"));
        return new(chain.Build(certificate) ? Read(certificate) : null);
    }

    private static UserInfo? Read(X509Certificate2 certificate)
    {
        var (name, uid, groups) = ("", "", new List<string>());
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (part.HasMultipleElements) { continue; }
            switch (part.GetSingleElementType().Value)
            {
                case CommonName: name = part.GetSingleElementValue() ?? ""; break;
                case Organization: groups.Add(part.GetSingleElementValue() ?? ""); break;
                case UserId: uid = part.GetSingleElementValue() ?? ""; break;
            }
        }

        if (name.Length == 0) { return null; }
        var credential = $"X509SHA256={Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256))}";
        return new(name, uid, groups) { Extra = new Dictionary<string, string[]>(StringComparer.Ordinal) { [CredentialId] = [credential] } };
    }

    private sealed record Verdict(UserInfo? User);
}
