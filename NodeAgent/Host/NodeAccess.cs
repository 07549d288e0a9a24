using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Kubelet.Certificates;

namespace Flotilla.NodeAgent.Host;

/// <summary>
/// As whom the node calls the API server: by its kubeconfig; by a newer certificate that it has got since; and where there is no
/// kubeconfig yet, by one that it gets with the bootstrap kubeconfig's right to ask for one.
/// </summary>
internal sealed class NodeAccess(RunOptions options, TimeProvider clock)
{
    private CertificateFile File => new(Path.Combine(options.RootDirectory, "pki", "kubelet-client-current.pem"));

    public async Task<(Kubeconfig Kubeconfig, X509Certificate2? Certificate)> LoadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (options.BootstrapKubeconfig is { } bootstrap && !IsUsable(now))
        {
            await BootstrapAsync(Kubeconfig.Load(bootstrap), cancellationToken);
        }

        var kubeconfig = Kubeconfig.Load(options.Kubeconfig);
        var given = Given(kubeconfig);
        if (File.Load(now) is not { } own || (given is not null && given.NotAfter >= own.NotAfter))
        {
            return (kubeconfig, given);
        }

        return (RotatingInvoker.With(kubeconfig, own), own);
    }

    public CertificateRotation Rotation(ApiClient client, RotatingInvoker invoker, Microsoft.Extensions.Logging.ILogger logger) =>
        new(File, CertificateWish.Client(options.Name), new(client, clock), invoker.Use, clock, logger);

    private bool IsUsable(DateTimeOffset now)
    {
        if (!System.IO.File.Exists(options.Kubeconfig))
        {
            return false;
        }

        try
        {
            return File.Load(now) is not null || Given(Kubeconfig.Load(options.Kubeconfig)) is not { } given || given.NotAfter.ToUniversalTime() > now.UtcDateTime;
        }
        catch (Exception exception) when (exception is IOException or KubeconfigException or CryptographicException)
        {
            // It names a certificate that is gone: made anew.
            return false;
        }
    }

    private static X509Certificate2? Given(Kubeconfig kubeconfig) =>
        kubeconfig is { ClientCertificate: { } certificate, ClientKey: { } key } ? X509Certificate2.CreateFromPem(certificate, key) : null;

    private async Task BootstrapAsync(Kubeconfig bootstrap, CancellationToken cancellationToken)
    {
        using var client = ApiClient.Create(bootstrap, userAgent: "kubelet");
        using var certificate = await new CertificateRequests(client, clock).GetAsync(CertificateWish.Client(options.Name), cancellationToken);
        File.Save(certificate);
        var authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(bootstrap.CertificateAuthority ?? ""));
        await System.IO.File.WriteAllTextAsync(options.Kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: default
            clusters:
            - name: default
              cluster: {server: "{{bootstrap.Server}}", certificate-authority-data: {{authority}}{{(bootstrap.TlsServerName is { } name ? $", tls-server-name: {name}" : "")}}}
            contexts:
            - name: default
              context: {cluster: default, user: default}
            users:
            - name: default
              user: {client-certificate: "{{File.Path}}", client-key: "{{File.Path}}"}

            """, cancellationToken);
    }
}
