using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>
/// What a node may do: what the roles of a kubelet, a service proxy and the cluster's DNS say, because the agent is all three; but
/// a Secret, a ConfigMap or a service account's token only while a pod bound to that node uses it, and a lease only its own.
/// </summary>
internal sealed class NodeAuthorizer(WatchFeed feed, RbacAuthorizer roles) : IAuthorizer
{
    private static readonly string[] roleNames = ["system:node", "system:node-proxier"];

    /// <summary>DNS answers for namespaces that exist, also where nothing is in them.</summary>
    private static readonly PolicyRule namespacesForDns = new(["list", "watch"], [""], ["namespaces"], [], []);

    private static readonly GroupResource pods = new("", "pods");

    public Decision Authorize(Attributes attributes)
    {
        if (attributes.User.NodeName is not { } node || !attributes.IsResource) { return new(false, ""); }
        if (!HasRule(attributes)) { return new(false, ""); }
        return (attributes.Group, attributes.Resource, attributes.Subresource) switch
        {
            ("", "secrets", _) => WhenUsed(attributes, node, PodReferences.UsesSecret),
            ("", "configmaps", _) => WhenUsed(attributes, node, PodReferences.UsesConfigMap),
            ("", "serviceaccounts", _) => WhenUsed(attributes, node, PodReferences.UsesServiceAccount),
            ("coordination.k8s.io", "leases", _) => WhenOwnLease(attributes, node),
            _ => new(true, "node"),
        };
    }

    private bool HasRule(Attributes attributes) =>
        namespacesForDns.Allows(attributes)
        || roleNames.Any(name => Array.Exists(roles.Table.RulesOf("", name) ?? [], rule => rule.Allows(attributes)));

    private Decision WhenUsed(Attributes attributes, string node, Func<CacheEntry, string, bool> uses)
    {
        if (attributes.Name.Length == 0) { return new(false, "can only read namespaced objects of this type by name"); }
        var used = feed.Of(pods).List(attributes.Namespace).Entries
            .Any(pod => pod.Index.Field("spec.nodeName") == node && uses(pod, attributes.Name));
        return used ? new(true, "node") : new(false, $"no relationship found between node '{node}' and this object");
    }

    private static Decision WhenOwnLease(Attributes attributes, string node) =>
        attributes.Namespace == "kube-node-lease" && (attributes.Name == node || (attributes.Verb == "create" && attributes.Name.Length == 0))
            ? new(true, "node")
            : new(false, "can only access node lease with the same name as the requesting node");
}
