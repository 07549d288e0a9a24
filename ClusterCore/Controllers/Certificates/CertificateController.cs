using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Certificates;

/// <summary>Approves what nodes ask for themselves, signs what is approved, and drops requests that are old.</summary>
internal sealed class CertificateController : ReconcilingController
{
    private readonly Informer<CertificateSigningRequest> requests;
    private readonly CertificateSigner? signer;

    public CertificateController(ControllerContext context) : base("certificate-controller", context, workers: 1)
    {
        requests = Reconciles(context.Informers.Get(Kinds.CertificateSigningRequests));
        signer = context.Options is { SigningCertificate: { } certificate, SigningKey: { } key } ? new(certificate, key) : null;
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (requests.Find(key) is not { Metadata.DeletionTimestamp: null } request)
        {
            return ReconcileResult.Done;
        }
        var plan = CertificatePlan.Compute(request, Clock.GetUtcNow());
        switch (plan.Step)
        {
            case CertificateStep.Delete:
                await Client.DeleteAsync(Kinds.CertificateSigningRequests, null, key.Name, cancellationToken);
                break;
            case CertificateStep.AskToApprove when await MayAsync(request, plan.Permission!, cancellationToken):
                await ConditionAsync(request, "approval", "Approved", "AutoApproved", plan.Approval!, cancellationToken);
                break;
            case CertificateStep.Sign when signer is not null:
                await SignAsync(request, signer, cancellationToken);
                break;
            case CertificateStep.Refuse when signer is not null:
                await ConditionAsync(request, "status", "Failed", "SignerValidationFailure", plan.Refusal!, cancellationToken);
                break;
        }
        return new(plan.RequeueAfter);
    }

    private async Task<bool> MayAsync(CertificateSigningRequest request, string permission, CancellationToken cancellationToken)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["user"] = request.Spec.Username,
                ["uid"] = request.Spec.Uid,
                ["groups"] = new JsonArray([.. (request.Spec.Groups ?? []).Select(group => (JsonNode?)group)]),
                ["resourceAttributes"] = new JsonObject
                {
                    ["group"] = "certificates.k8s.io",
                    ["resource"] = "certificatesigningrequests",
                    ["subresource"] = permission,
                    ["verb"] = "create",
                    ["version"] = "*",
                },
            },
        };
        var answer = await Client.RequestAsync(
            HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews", review, cancellationToken);
        return (bool?)answer.OrThrow()["status"]?["allowed"] == true;
    }

    private async Task SignAsync(CertificateSigningRequest request, CertificateSigner signer, CancellationToken cancellationToken)
    {
        try
        {
            var certificate = signer.Sign(request.Spec, Clock.GetUtcNow());
            var body = new JsonObject { ["status"] = new JsonObject { ["certificate"] = Convert.ToBase64String(certificate) } };
            var patched = await Client.PatchStatusAsync(
                Kinds.CertificateSigningRequests, null, request.Metadata.Name, Patch.Merge(body), cancellationToken);
            patched.OrThrow();
        }
        catch (CryptographicException exception)
        {
            await ConditionAsync(request, "status", "Failed", "SignerValidationFailure", exception.Message, cancellationToken);
        }
    }

    private async Task ConditionAsync(
        CertificateSigningRequest request, string subresource, string type, string reason, string message, CancellationToken cancellationToken)
    {
        var now = TimeConverter.ToText(Clock.GetUtcNow());
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["reason"] = reason,
            ["message"] = message,
            ["lastUpdateTime"] = now,
            ["lastTransitionTime"] = now,
        };
        var body = new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } };
        var patched = await Client.PatchAsync(
            Kinds.CertificateSigningRequests, null, request.Metadata.Name, Patch.Strategic(body), cancellationToken, subresource);
        patched.OrThrow();
    }
}
