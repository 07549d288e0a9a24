using System.Security.Cryptography;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Certificates;

internal enum CertificateStep
{
    Wait,

    /// <summary>A node asks for its own certificate: approve, if it may.</summary>
    AskToApprove,
    Sign,
    Delete,
}

/// <summary>The next step of a certificate signing request.</summary>
internal sealed record CertificatePlan(CertificateStep Step, string? Permission, string? Approval, TimeSpan? RequeueAfter)
{
    private const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    private static readonly TimeSpan Decided = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pending = TimeSpan.FromHours(24);
    private static readonly string[] Signers =
    [
        "kubernetes.io/kube-apiserver-client", KubeletClient, "kubernetes.io/kubelet-serving", "kubernetes.io/legacy-unknown",
    ];
    private static readonly string[] KubeletUsages = ["client auth", "digital signature", "key encipherment"];

    public static CertificatePlan Compute(CertificateSigningRequest request, DateTimeOffset now)
    {
        var conditions = request.Status.Conditions ?? [];
        var age = now - (request.Metadata.CreationTimestamp ?? now);
        var decided = conditions.Length > 0 || request.Status.Certificate is { Length: > 0 };
        var since = conditions.Select(condition => condition.LastUpdateTime).Max() is { } updated ? now - updated : age;
        var left = decided ? Decided - since : Pending - age;
        if (left <= TimeSpan.Zero)
        {
            return new(CertificateStep.Delete, null, null, null);
        }
        if (Array.Exists(conditions, condition => condition.Type is "Denied" or "Failed"))
        {
            return new(CertificateStep.Wait, null, null, left);
        }
        if (Array.Exists(conditions, condition => condition.Type == "Approved"))
        {
            var signs = request.Status.Certificate is not { Length: > 0 } && Signers.Contains(request.Spec.SignerName);
            return new(signs ? CertificateStep.Sign : CertificateStep.Wait, null, null, left);
        }
        return request.Spec.SignerName == KubeletClient && Subject(request.Spec) is { } node && IsForKubelet(request.Spec)
            ? Approve(request.Spec.Username == node, left)
            : new(CertificateStep.Wait, null, null, left);
    }

    private static CertificatePlan Approve(bool isItself, TimeSpan left) => isItself
        ? new(CertificateStep.AskToApprove, "selfnodeclient",
            "Auto approving self kubelet client certificate after SubjectAccessReview.", left)
        : new(CertificateStep.AskToApprove, "nodeclient",
            "Auto approving kubelet client certificate after SubjectAccessReview.", left);

    private static bool IsForKubelet(CertificateSigningRequestSpec spec) =>
        spec.Usages is { } usages && usages.Contains("client auth") && usages.Contains("digital signature") && usages.All(KubeletUsages.Contains);

    /// <returns>The node's user name; null where the subject is not a node's.</returns>
    private static string? Subject(CertificateSigningRequestSpec spec)
    {
        try
        {
            var parts = CertificateSigner.Read(spec).SubjectName.EnumerateRelativeDistinguishedNames()
                .ToLookup(part => part.GetSingleElementType().Value, part => part.GetSingleElementValue());
            var name = parts["2.5.4.3"].SingleOrDefault();
            var organizations = parts["2.5.4.10"].ToArray();
            return organizations is ["system:nodes"] && name?.StartsWith("system:node:", StringComparison.Ordinal) == true ? name : null;
        }
        catch (CryptographicException)
        {
            // Not a readable request: never approved by itself.
            return null;
        }
    }
}
