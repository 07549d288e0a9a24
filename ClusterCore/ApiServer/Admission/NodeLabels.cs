using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Labels of Kubernetes' own that a node does not set on itself: they decide what runs there.</summary>
internal static class NodeLabels
{
    private static readonly HashSet<string> allowed = new(StringComparer.Ordinal)
    {
        "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
        "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type", "node.kubernetes.io/windows-build",
        "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
    };

    private static readonly string[] allowedNamespaces = ["kubelet.kubernetes.io", "node.kubernetes.io"];

    /// <summary>Those that differ and must not, in order.</summary>
    public static string[] Forbidden(JsonObject? old, JsonObject node)
    {
        var (before, after) = (old?.Metadata()?.Object("labels") ?? [], node.Metadata()?.Object("labels") ?? []);
        return
        [
            .. before.Concat(after).Select(label => label.Key).Distinct(StringComparer.Ordinal)
                .Where(key => before[key]?.ToString() != after[key]?.ToString() && IsForbidden(key)).Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsForbidden(string key)
    {
        var slash = key.IndexOf('/');
        var @namespace = slash < 0 ? "" : key[..slash];
        if (IsIn(@namespace, "node-restriction.kubernetes.io")) { return true; }
        if (!IsIn(@namespace, "kubernetes.io") && !IsIn(@namespace, "k8s.io")) { return false; }
        return !allowed.Contains(key) && !Array.Exists(allowedNamespaces, own => IsIn(@namespace, own));
    }

    private static bool IsIn(string @namespace, string domain) => @namespace == domain || @namespace.EndsWith($".{domain}", StringComparison.Ordinal);
}
