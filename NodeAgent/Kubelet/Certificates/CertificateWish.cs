using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.NodeAgent.Kubelet.Certificates;

/// <summary>What certificate a node wants of the cluster, and of which signer.</summary>
public sealed record CertificateWish(string Signer, string NodeName, IPAddress? Address, IReadOnlyList<string> Usages)
{
    /// <summary>To show to the API server: says that it is this node.</summary>
    public static CertificateWish Client(string nodeName) =>
        new("kubernetes.io/kube-apiserver-client-kubelet", nodeName, null, ["digital signature", "client auth"]);

    /// <summary>To show to those who dial the kubelet.</summary>
    public static CertificateWish Serving(string nodeName, IPAddress address) =>
        new("kubernetes.io/kubelet-serving", nodeName, address, ["digital signature", "server auth"]);

    public byte[] RequestPem(ECDsa key)
    {
        var request = new CertificateRequest($"O=system:nodes, CN=system:node:{NodeName}", key, HashAlgorithmName.SHA256);
        if (Address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(NodeName);
            names.AddIpAddress(Address);
            request.CertificateExtensions.Add(names.Build());
        }

        return System.Text.Encoding.ASCII.GetBytes(request.CreateSigningRequestPem());
    }
}
