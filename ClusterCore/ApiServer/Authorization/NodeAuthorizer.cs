using Flotilla.ClusterCore.ApiServer.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>
/// What a node may do: what the roles of a kubelet, a service proxy and the cluster's DNS say, because the agent is all three; but
/// objects that belong to pods only while a pod bound to that node uses them, pods only its own, and a lease only its own. What
/// an authorizer cannot see, the content of a write, <see cref="Admission.NodeRestriction"/> checks.
/// </summary>
internal sealed class NodeAuthorizer(NodeGraph graph, RbacAuthorizer roles) : IAuthorizer
{
    private static readonly string[] roleNames = ["system:node", "system:node-proxier"];

    /// <summary>DNS answers for namespaces that exist, also where nothing is in them.</summary>
    private static readonly PolicyRule namespacesForDns = new(["list", "watch"], [""], ["namespaces"], [], []);

    /// <summary>The kubelet's own, as upstream's: the role has only part of them.</summary>
    private static readonly PolicyRule slices = new(
        ["create", "get", "update", "patch", "delete", "list", "watch", "deletecollection"], ["resource.k8s.io"], ["resourceslices"], [], []);

    public Decision Authorize(Attributes attributes)
    {
        if (attributes.User.NodeName is not { } node) { return new(false, ""); }
        if (!attributes.IsResource) { return new(attributes.Path == TunnelHandler.PathOf(node), "node"); }
        if (!HasRule(attributes)) { return new(false, ""); }
        return (attributes.Group, attributes.Resource, attributes.Subresource) switch
        {
            ("", "secrets", _) => WhenNamed(attributes, node, name => graph.UsesSecret(node, attributes.Namespace, name)),
            // How the cluster's DNS is configured.
            ("", "configmaps", _) when attributes is { Namespace: "kube-system", Name: "kube-dns" } => Allowed,
            ("", "configmaps", _) => WhenUsed(attributes, node, PodReferences.UsesConfigMap),
            ("", "serviceaccounts", _) => WhenUsed(attributes, node, PodReferences.UsesServiceAccount),
            ("", "persistentvolumeclaims", _) => WhenUsed(attributes, node, PodReferences.UsesClaim),
            ("", "persistentvolumes", _) => WhenNamed(attributes, node, name => graph.UsesVolume(node, name) || graph.MayHaveDirectory(node, name)),
            ("resource.k8s.io", "resourceclaims", _) => WhenUsed(attributes, node, PodReferences.UsesResourceClaim),
            ("storage.k8s.io", "volumeattachments", _) => WhenNamed(attributes, node, name => graph.HasAttachment(node, name)),
            ("storage.k8s.io", "csinodes", _) => WhenOwn(attributes, node, "can only access CSINode with the same name as the requesting node"),
            ("coordination.k8s.io", "leases", _) when attributes.Namespace != "kube-node-lease" =>
                new(false, "can only access leases in the \"kube-node-lease\" system namespace"),
            ("coordination.k8s.io", "leases", _) => WhenOwn(attributes, node, "can only access node lease with the same name as the requesting node"),
            ("resource.k8s.io", "resourceslices", _) => Slice(attributes, node),
            ("", "pods", "") => Pod(attributes, node),
            _ => Allowed,
        };
    }

    private static Decision Allowed => new(true, "node");

    private bool HasRule(Attributes attributes) =>
        namespacesForDns.Allows(attributes) || slices.Allows(attributes)
        || roleNames.Any(name => Array.Exists(roles.Table.RulesOf("", name) ?? [], rule => rule.Allows(attributes)));

    private Decision WhenUsed(Attributes attributes, string node, Func<System.Text.Json.Nodes.JsonObject, string, bool> uses) =>
        WhenNamed(attributes, node, name => graph.HasPodThat(node, attributes.Namespace, pod => uses(pod, name)));

    private static Decision WhenNamed(Attributes attributes, string node, Func<string, bool> leadsToNode)
    {
        if (attributes.Name.Length == 0) { return new(false, "No Object name found"); }
        return leadsToNode(attributes.Name) ? Allowed : new(false, $"no relationship found between node '{node}' and this object");
    }

    /// <summary>The name of something new is in its body, where the authorizer cannot look.</summary>
    private static Decision WhenOwn(Attributes attributes, string node, string refusal) =>
        attributes.Name == node || (attributes.Verb == "create" && attributes.Name.Length == 0) ? Allowed : new(false, refusal);

    private Decision Pod(Attributes attributes, string node) => attributes.Verb switch
    {
        "get" => WhenNamed(attributes, node, name => graph.HasPod(node, attributes.Namespace, name)),
        "list" or "watch" when attributes.Selects("spec.nodeName", node) => Allowed,
        "list" or "watch" when attributes.Name.Length > 0 => WhenNamed(attributes, node, name => graph.HasPod(node, attributes.Namespace, name)),
        "list" or "watch" => new(false, "can only list/watch pods with spec.nodeName field selector"),
        _ => Allowed,
    };

    private Decision Slice(Attributes attributes, string node) => attributes.Verb switch
    {
        "create" => Allowed,
        "list" or "watch" or "deletecollection" => attributes.Selects("spec.nodeName", node)
            ? Allowed
            : new(false, "can only list/watch/deletecollection resourceslices with nodeName field selector"),
        _ => WhenNamed(attributes, node, name => graph.HasSlice(node, name)),
    };
}
