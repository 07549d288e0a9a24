using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Certificates;

/// <summary>What the kubelet serves with: a configured certificate, one of the cluster's, or until there is such one of its own making.</summary>
internal sealed class ServingCertificate
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    private readonly KubeletOptions options;
    private readonly TimeProvider clock;
    private readonly X509Certificate2? signed;
    private volatile X509Certificate2 current;

    public ServingCertificate(KubeletOptions options, TimeProvider clock)
    {
        (this.options, this.clock) = (options, clock);
        signed = options.RotateServerCertificates ? File.Load(clock.GetUtcNow()) : null;
        current = signed ?? (options.TlsCertFile is { } file ? X509Certificate2.CreateFromPemFile(file, options.TlsKeyFile) : SelfSigned());
    }

    /// <summary>Asked for with every connection, so that a new one needs no restart.</summary>
    public X509Certificate2 Current => current;

    private CertificateFile File => new(Path.Combine(options.RootDirectory, "pki", "kubelet-server-current.pem"));

    public Task RotateAsync(ApiClient client, ILogger logger, CancellationToken cancellationToken) => options is { RotateServerCertificates: true, TlsCertFile: null }
        ? new CertificateRotation(File, CertificateWish.Serving(options.NodeName, options.NodeIp), new(client, clock), next => current = next, clock, logger).RunAsync(signed, cancellationToken)
        : Task.CompletedTask;

    private X509Certificate2 SelfSigned()
    {
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
