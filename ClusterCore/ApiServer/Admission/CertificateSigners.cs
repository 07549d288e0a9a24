using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>
/// Who approves or signs a certificate request needs a right for its signer, on top of that for the subresource:
/// the verb <c>approve</c> or <c>sign</c> on <c>signers</c>, by name or as <c>example.com/*</c>.
/// </summary>
internal sealed class CertificateSigners(IAuthorizer authorizer, string subresource, string verb) : IAdmissionPlugin
{
    private const string Group = "certificates.k8s.io";

    public static CertificateSigners Approval(IAuthorizer authorizer) => new(authorizer, "approval", "approve");

    public static CertificateSigners Signing(IAuthorizer authorizer) => new(authorizer, "status", "sign");

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Update || !request.Is(Group, "CertificateSigningRequest", subresource)) { return ValueTask.CompletedTask; }
        if (subresource == "status" && IsUntouched(request)) { return ValueTask.CompletedTask; }
        var signer = ObjectMeta.Text(request.Old!["spec"], "signerName");
        if (May(request, signer) || May(request, $"{signer.Split('/')[0]}/*")) { return ValueTask.CompletedTask; }
        throw Refusal.Forbidden(request.Scope.GroupResource, request.Name, $"user not permitted to {verb} requests with signerName \"{signer}\"");
    }

    private static bool IsUntouched(AdmissionRequest request)
    {
        var (status, old) = (request.Object!["status"], request.Old!["status"]);
        return JsonNode.DeepEquals(status?["certificate"], old?["certificate"]) && JsonNode.DeepEquals(status?["conditions"], old?["conditions"]);
    }

    private bool May(AdmissionRequest request, string signer) => authorizer.Authorize(new(request.Scope.Request.User, verb)
    {
        IsResource = true,
        Group = Group,
        Version = "*",
        Resource = "signers",
        Name = signer,
    }).Allowed;
}
