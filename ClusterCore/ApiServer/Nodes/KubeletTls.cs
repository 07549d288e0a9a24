using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// How this server dials kubelets: with its own client certificate. Kubelets serve with certificates they made themselves, so
/// theirs is not checked, as upstream's default; the kubelet checks ours.
/// </summary>
internal static class KubeletTls
{
#pragma warning disable CA5359 // See above: kubelets have no certificate of the cluster's authority yet.
    public static SslClientAuthenticationOptions Options(string host, X509Certificate2 clientCertificate)
    {
        var options = Unchecked(host);
        options.ClientCertificates = [clientCertificate];
        options.LocalCertificateSelectionCallback = (_, _, _, _, _) => clientCertificate;
        return options;
    }

    /// <summary>For what users run and reach through <c>/proxy</c>: it is shown no certificate and needs none we know.</summary>
    public static SslClientAuthenticationOptions Unchecked(string host) => new()
    {
        TargetHost = host,
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
    };
#pragma warning restore CA5359
}
