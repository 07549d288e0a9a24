using System.Security.Cryptography.X509Certificates;

namespace Flotilla.NodeAgent.Kubelet.Server;

/// <summary>Who may speak to the kubelet: holders of a client certificate of the cluster's CA that stand for its control plane.</summary>
internal sealed class ClientAuthority(X509Certificate2Collection authorities)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string OrganizationOid = "2.5.4.10";

    public bool Signed(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ClientAuthentication));
        return chain.Build(certificate);
    }

    public static bool IsControlPlane(X509Certificate2 certificate) => certificate.SubjectName.EnumerateRelativeDistinguishedNames()
        .Any(part => part.GetSingleElementType().Value == OrganizationOid && part.GetSingleElementValue() == "system:masters");
}
