using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceAccounts;

internal enum RootCertificateStep
{
    None,
    Create,
    Update,
}

/// <summary>What becomes of a namespace's config map with the cluster's CA.</summary>
internal static class RootCertificatePlan
{
    public const string MapName = "kube-root-ca.crt";
    public const string DataKey = "ca.crt";
    public const string DescriptionKey = "kubernetes.io/description";

    /// <summary>Upstream's, word for word: people and programs read it.</summary>
    public const string Description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or "
        + "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    public static RootCertificateStep Compute(Namespace ns, ConfigMap? map, string certificate)
    {
        if (ns.Status.Phase == "Terminating")
        {
            return RootCertificateStep.None;
        }
        if (map is null)
        {
            return RootCertificateStep.Create;
        }
        return map.Data is { Count: 1 } data && data.GetValueOrDefault(DataKey) == certificate
            && map.Metadata.Annotations?.GetValueOrDefault(DescriptionKey) is { Length: > 0 }
            ? RootCertificateStep.None
            : RootCertificateStep.Update;
    }
}
