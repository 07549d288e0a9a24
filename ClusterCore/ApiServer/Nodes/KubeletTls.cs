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
    public static SslClientAuthenticationOptions Options(string host, X509Certificate2 clientCertificate) => new()
    {
        TargetHost = host,
        ClientCertificates = [clientCertificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => clientCertificate,
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
    };
#pragma warning restore CA5359
}
