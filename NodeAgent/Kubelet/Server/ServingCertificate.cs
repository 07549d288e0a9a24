using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.NodeAgent.Kubelet.Server;

internal static class ServingCertificate
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    /// <summary>The one that is configured, or one of its own: the API server does not verify it unless it is told to.</summary>
    public static X509Certificate2 Load(KubeletOptions options, TimeProvider clock)
    {
        if (options.TlsCertFile is { } file)
        {
            return X509Certificate2.CreateFromPemFile(file, options.TlsKeyFile);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={options.NodeName}@{clock.GetUtcNow().ToUnixTimeSeconds()}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(options.NodeName);
        names.AddIpAddress(options.NodeIp);
        if (!IPAddress.IsLoopback(options.NodeIp))
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.CreateSelfSigned(clock.GetUtcNow().AddMinutes(-5), clock.GetUtcNow() + Validity);
    }
}
