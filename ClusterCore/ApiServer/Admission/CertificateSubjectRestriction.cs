using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Nobody asks for a client certificate of <c>system:masters</c>.</summary>
internal sealed class CertificateSubjectRestriction : IAdmissionPlugin
{
    private const string Organization = "2.5.4.10";

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("certificates.k8s.io", "CertificateSigningRequest")) { return ValueTask.CompletedTask; }
        var spec = request.Object!["spec"];
        if (ObjectMeta.Text(spec, "signerName") != "kubernetes.io/kube-apiserver-client" || !AsksForMasters(ObjectMeta.Text(spec, "request")))
        {
            return ValueTask.CompletedTask;
        }

        throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!),
            $"use of kubernetes.io/kube-apiserver-client signer with {UserInfo.Masters} group is not allowed");
    }

    /// <summary>What cannot be read is nobody's; the validation of the request says what is wrong with it.</summary>
    private static bool AsksForMasters(string request)
    {
        try
        {
            var pem = Encoding.ASCII.GetString(Convert.FromBase64String(request));
            var read = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation);
            return read.SubjectName.EnumerateRelativeDistinguishedNames()
                .Any(part => !part.HasMultipleElements && part.GetSingleElementType().Value == Organization && part.GetSingleElementValue() == UserInfo.Masters);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
