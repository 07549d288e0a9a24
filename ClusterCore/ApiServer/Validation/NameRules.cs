using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What the name of an object of each kind may be.</summary>
internal static class NameRules
{
    private static readonly Dictionary<(string Group, string Kind), Func<string, IReadOnlyList<string>>> Kinds = new()
    {
        [("", "Event")] = ObjectNames.PathSegment,
        [("", "Namespace")] = ObjectNames.Dns1123Label,
        [("", "Service")] = ObjectNames.Dns1123Label,
        [("rbac.authorization.k8s.io", "Role")] = ObjectNames.PathSegment,
        [("rbac.authorization.k8s.io", "ClusterRole")] = ObjectNames.PathSegment,
        [("rbac.authorization.k8s.io", "RoleBinding")] = ObjectNames.PathSegment,
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = ObjectNames.PathSegment,
        [("apps", "StatefulSet")] = ObjectNames.Dns1123Label,
        // The group of core is empty: "v1.".
        [("apiregistration.k8s.io", "APIService")] = ObjectNames.PathSegment,
        [("certificates.k8s.io", "CertificateSigningRequest")] = ObjectNames.PathSegment,
        [("networking.k8s.io", "IPAddress")] = static name => AddressRules.CanonicalIp(name) is { } wrong ? [wrong] : [],
        [("policy", "PodDisruptionBudget")] = ObjectNames.PathSegment,
    };

    public static Func<string, IReadOnlyList<string>> Of(ResourceInfo resource, JsonObject obj) => resource is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" }
        ? name => Definition(name, obj.Spec() ?? [])
        : Kinds.GetValueOrDefault((resource.Group, resource.Kind), ObjectNames.Dns1123Subdomain);

    /// <summary>Newer rules look at the name only, once it is made.</summary>
    public static Func<string, IReadOnlyList<string>> OfPrefix(ResourceInfo resource, JsonObject obj) =>
        resource is { Group: "", Kind: "ReplicationController" } or { Group: "resource.k8s.io", Kind: "DeviceClass" } ? ObjectNames.PathSegment : Of(resource, obj);

    /// <summary>A name yet to get its ending: a dash at the end will not stay there.</summary>
    public static IReadOnlyList<string> Prefix(Func<string, IReadOnlyList<string>> rule, string prefix) =>
        rule(prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^2] + "a" : prefix);

    private static IReadOnlyList<string> Definition(string name, JsonObject spec) =>
    [
        .. ObjectNames.Dns1123Subdomain(name),
        .. (ReadOnlySpan<string>)(name == $"{spec.Object("names")?.Text("plural")}.{spec.Text("group")}" ? [] : ["must be spec.names.plural+\".\"+spec.group"]),
    ];
}
