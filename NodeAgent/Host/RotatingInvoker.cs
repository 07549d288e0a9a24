using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;

namespace Flotilla.NodeAgent.Host;

/// <summary>The API server's client whose certificate can be replaced while it is used: what is under way ends with the old one.</summary>
internal sealed class RotatingInvoker(Kubeconfig kubeconfig) : HttpMessageInvoker(new SocketsHttpHandler(), disposeHandler: true)
{
    private volatile HttpMessageInvoker current = new(ApiConnection.CreateHandler(kubeconfig));

    /// <summary>As whom and how the API server is called now.</summary>
    public Kubeconfig Kubeconfig { get; private set; } = kubeconfig;

    public void Use(X509Certificate2 certificate)
    {
        Kubeconfig = With(Kubeconfig, certificate);
        var before = current;
        current = new(ApiConnection.CreateHandler(Kubeconfig));
        before.Dispose();
    }

    public static Kubeconfig With(Kubeconfig kubeconfig, X509Certificate2 certificate) => kubeconfig with
    {
        ClientCertificate = certificate.ExportCertificatePem(),
        ClientKey = certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
    };

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => current.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        current.Dispose();
        base.Dispose(disposing);
    }
}
