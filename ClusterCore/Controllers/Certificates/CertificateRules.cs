using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Certificates;

/// <summary>What each of the API's own signers signs, and with which words it refuses the rest.</summary>
internal static class CertificateRules
{
    public const string Client = "kubernetes.io/kube-apiserver-client";
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string KubeletServing = "kubernetes.io/kubelet-serving";
    public const string LegacyUnknown = "kubernetes.io/legacy-unknown";
    private const string ClientAuth = "client auth";
    private const string ServerAuth = "server auth";
    private const string NodePrefix = "system:node:";
    private static readonly string[] KeyUsages = ["digital signature", "key encipherment"];

    public static bool HasSigner(string? signerName) => signerName is Client or KubeletClient or KubeletServing or LegacyUnknown;

    /// <returns>Null where the signer may sign.</returns>
    public static string? Refusal(CertificateSigningRequestSpec spec)
    {
        try
        {
            return spec.SignerName switch
            {
                Client => ClientRefusal(spec.Usages ?? []),
                KubeletClient => NodeRefusal(spec, ClientAuth, NoNames),
                KubeletServing => NodeRefusal(spec, ServerAuth, DnsOrIp),
                _ => null,
            };
        }
        catch (CryptographicException exception)
        {
            return exception.Message;
        }
    }

    /// <returns>Null where it cannot be read.</returns>
    public static DateTimeOffset? Expiry(byte[] pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            return new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        }
        catch (CryptographicException)
        {
            return null; // Another signer's affair: its age alone decides.
        }
    }

    /// <returns>The node's user name that the subject asks for.</returns>
    public static string? NodeName(CertificateSigningRequestSpec spec) => Subject(CertificateSigner.Read(spec)).CommonName;

    private static string? ClientRefusal(string[] usages) =>
        Array.Find(usages, usage => usage != ClientAuth && !KeyUsages.Contains(usage)) is { } other ? $"invalid usage for client certificate: {other}"
        : usages.Contains(ClientAuth) ? null
        : $"missing required usage for client certificate: {ClientAuth}";

    private static string? NodeRefusal(CertificateSigningRequestSpec spec, string auth, Func<HashSet<int>, string?> names)
    {
        var request = CertificateSigner.Read(spec);
        var (commonName, organizations) = Subject(request);
        var usages = (spec.Usages ?? []).ToHashSet(StringComparer.Ordinal);
        return organizations is not ["system:nodes"] ? "subject organization is not system:nodes"
            : names(NamesOf(request)) is { } refusal ? refusal
            : commonName?.StartsWith(NodePrefix, StringComparison.Ordinal) != true ? $"subject common name does not begin with {NodePrefix} "
            : usages.SetEquals([auth, .. KeyUsages]) || usages.SetEquals([auth, KeyUsages[0]]) ? null
            : $"usages did not match [{string.Join(' ', new[] { auth }.Concat(KeyUsages).Order(StringComparer.Ordinal))}]";
    }

    private static string? NoNames(HashSet<int> names) =>
        names.Contains(GeneralName.Dns) ? "DNS subjectAltNames are not allowed"
        : names.Contains(GeneralName.Email) ? "Email subjectAltNames are not allowed"
        : names.Contains(GeneralName.Ip) ? "IP subjectAltNames are not allowed"
        : names.Contains(GeneralName.Uri) ? "URI subjectAltNames are not allowed"
        : null;

    private static string? DnsOrIp(HashSet<int> names) =>
        !names.Contains(GeneralName.Dns) && !names.Contains(GeneralName.Ip) ? "DNS or IP subjectAltName is required"
        : names.Contains(GeneralName.Email) ? "Email subjectAltNames are not allowed"
        : names.Contains(GeneralName.Uri) ? "URI subjectAltNames are not allowed"
        : null;

    private static (string? CommonName, string[] Organizations) Subject(CertificateRequest request)
    {
        var parts = request.SubjectName.EnumerateRelativeDistinguishedNames()
            .ToLookup(part => part.GetSingleElementType().Value, part => part.GetSingleElementValue());
        return (parts["2.5.4.3"].SingleOrDefault(), [.. parts["2.5.4.10"].OfType<string>()]);
    }

    private static HashSet<int> NamesOf(CertificateRequest request)
    {
        var kinds = new HashSet<int>();
        foreach (var extension in request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            for (var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence(); names.HasData; names.ReadEncodedValue())
            {
                kinds.Add(names.PeekTag().TagValue);
            }
        }
        return kinds;
    }

    /// <summary>Tags of RFC 5280's GeneralName.</summary>
    private static class GeneralName
    {
        public const int Email = 1;
        public const int Dns = 2;
        public const int Uri = 6;
        public const int Ip = 7;
    }
}
