using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What the name of an object of each kind may be.</summary>
internal static class NameRules
{
    private static readonly Dictionary<(string Group, string Kind), Func<string, string?>> Kinds = new()
    {
        [("", "Namespace")] = ObjectNames.Dns1123Label,
        [("", "Service")] = ObjectNames.Dns1035Label,
        [("rbac.authorization.k8s.io", "Role")] = ObjectNames.PathSegment,
        [("rbac.authorization.k8s.io", "ClusterRole")] = ObjectNames.PathSegment,
        [("rbac.authorization.k8s.io", "RoleBinding")] = ObjectNames.PathSegment,
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = ObjectNames.PathSegment,
        [("apps", "StatefulSet")] = ObjectNames.Dns1123Label,
        // The group of core is empty: "v1.".
        [("apiregistration.k8s.io", "APIService")] = ObjectNames.PathSegment,
        // A driver's name has rules of its own.
        [("storage.k8s.io", "CSIDriver")] = static _ => null,
        [("networking.k8s.io", "IPAddress")] = static _ => null,
        [("certificates.k8s.io", "CertificateSigningRequest")] = ObjectNames.Dns1123Subdomain,
    };

    public static Func<string, string?> Of(ResourceInfo resource) =>
        Kinds.GetValueOrDefault((resource.Group, resource.Kind), ObjectNames.Dns1123Subdomain);

    /// <summary>A name yet to get its ending: a dash at the end will not stay there.</summary>
    public static string? Prefix(Func<string, string?> rule, string prefix) =>
        rule(prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^1] + "a" : prefix);
}
