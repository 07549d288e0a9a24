using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Certificates;

internal enum CertificateStep
{
    Wait,

    /// <summary>A node asks for its own certificate: approve, if it may.</summary>
    AskToApprove,
    Sign,

    /// <summary>Approved, but not what its signer signs.</summary>
    Refuse,
    Delete,
}

/// <summary>The next step of a certificate signing request.</summary>
internal sealed record CertificatePlan(
    CertificateStep Step, string? Permission = null, string? Approval = null, TimeSpan? RequeueAfter = null)
{
    /// <summary>Why an approved request is not signed.</summary>
    public string? Refusal { get; init; }

    private static readonly TimeSpan Decided = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pending = TimeSpan.FromHours(24);

    public static CertificatePlan Compute(CertificateSigningRequest request, DateTimeOffset now)
    {
        var conditions = request.Status.Conditions ?? [];
        var left = TimeLeft(request, conditions, now);
        if (left <= TimeSpan.Zero)
        {
            return new(CertificateStep.Delete);
        }
        var signer = request.Spec.SignerName;
        if (Array.Exists(conditions, condition => condition.Type is "Denied" or "Failed") || !CertificateRules.HasSigner(signer))
        {
            return new(CertificateStep.Wait, RequeueAfter: left);
        }
        if (!Array.Exists(conditions, condition => condition.Type == "Approved"))
        {
            return signer == CertificateRules.KubeletClient && CertificateRules.Refusal(request.Spec) is null
                ? Approve(request.Spec.Username == CertificateRules.NodeName(request.Spec), left)
                : new(CertificateStep.Wait, RequeueAfter: left);
        }
        return request.Status.Certificate is { Length: > 0 } ? new(CertificateStep.Wait, RequeueAfter: left)
            : CertificateRules.Refusal(request.Spec) is { } refusal ? new(CertificateStep.Refuse, RequeueAfter: left) { Refusal = refusal }
            : new(CertificateStep.Sign, RequeueAfter: left);
    }

    /// <summary>
    /// Requests are kept for an hour after they were signed, denied or failed, not longer than their certificate is good for, and for a
    /// day while nobody decides. One that is approved and not signed waits for its signer as long as that takes.
    /// </summary>
    private static TimeSpan? TimeLeft(CertificateSigningRequest request, CertificateSigningRequestCondition[] conditions, DateTimeOffset now)
    {
        if (conditions.Length == 0)
        {
            return Pending - (now - (request.Metadata.CreationTimestamp ?? now));
        }
        var isSigned = request.Status.Certificate is { Length: > 0 };
        var decided = conditions.Where(condition => condition.Type is "Denied" or "Failed" || (condition.Type == "Approved" && isSigned)).ToArray();
        var left = decided.Select(condition => (TimeSpan?)(Decided - (now - (condition.LastUpdateTime ?? now)))).Min();
        return isSigned && CertificateRules.Expiry(request.Status.Certificate!) - now is { } good && (left is null || good < left) ? good : left;
    }

    private static CertificatePlan Approve(bool isItself, TimeSpan? left) => isItself
        ? new(CertificateStep.AskToApprove, "selfnodeclient",
            "Auto approving self kubelet client certificate after SubjectAccessReview.", left)
        : new(CertificateStep.AskToApprove, "nodeclient",
            "Auto approving kubelet client certificate after SubjectAccessReview.", left);
}
