using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Certificates;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Certificates;

public sealed class CertificateTests
{
    private const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";

    [Fact]
    public void A_signed_certificate_is_the_clusters_and_says_who_and_what_for()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ca = new CertificateRequest("CN=test-ca", key, HashAlgorithmName.SHA256);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = ca.CreateSelfSigned(A.Noon.AddDays(-1), A.Noon.AddYears(10));
        var signer = new CertificateSigner(authority.ExportCertificatePem(), key.ExportECPrivateKeyPem());
        var spec = Spec("CN=jane, O=developers", "kubernetes.io/kube-apiserver-client");
        spec.ExpirationSeconds = 3600;
        using var signed = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(signer.Sign(spec, A.Noon)));
        Assert.Equal("CN=test-ca", signed.Issuer);
        Assert.Contains("CN=jane", signed.Subject);
        Assert.Equal(A.Noon.AddHours(1).UtcDateTime, signed.NotAfter.ToUniversalTime());
        Assert.Equal("1.3.6.1.5.5.7.3.2", signed.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages[0].Value);
    }

    [Theory]
    [InlineData("CN=system:node:n1, O=system:nodes", KubeletClient, "system:node:n1", "selfnodeclient")]
    [InlineData("CN=system:node:n1, O=system:nodes", KubeletClient, "system:bootstrap:abc", "nodeclient")]
    [InlineData("CN=jane, O=system:nodes", KubeletClient, "jane", null)]
    [InlineData("CN=system:node:n1, O=system:masters", KubeletClient, "system:node:n1", null)]
    [InlineData("CN=system:node:n1, O=system:nodes", "kubernetes.io/kubelet-serving", "system:node:n1", null)]
    public void Only_nodes_are_approved_by_themselves(string subject, string signer, string user, string? permission)
    {
        var request = Request(Spec(subject, signer));
        request.Spec.Username = user;
        Assert.Equal(permission, CertificatePlan.Compute(request, A.Noon).Permission);
    }

    [Theory]
    [InlineData(null, 23, "Wait")]
    [InlineData(null, 24, "Delete")]
    [InlineData("Denied", 1, "Delete")]
    public void Old_requests_go(string? condition, int hours, string step)
    {
        var request = Request(Spec("CN=jane", "example.com/other"));
        request.Status.Conditions = condition is null ? null : [new() { Type = condition, Status = "True", LastUpdateTime = A.Noon }];
        Assert.Equal(step, CertificatePlan.Compute(request, A.Noon.AddHours(hours)).Step.ToString());
    }

    private static CertificateSigningRequest Request(CertificateSigningRequestSpec spec) => new() { Metadata = A.Meta("csr", null), Spec = spec };

    private static CertificateSigningRequestSpec Spec(string subject, string signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        return new() { Request = Encoding.ASCII.GetBytes(request), SignerName = signer, Usages = ["client auth", "digital signature"] };
    }
}
