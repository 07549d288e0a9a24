using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Plans.Engine;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>
/// Who may do what in a new cluster: its nodes, and the groups of <see cref="KubeconfigIssuer"/>, bound to Kubernetes' own roles.
/// </summary>
internal sealed class AccessBindings(ClusterRecords records, ClusterApis apis)
{
    private const string Group = "rbac.authorization.k8s.io";
    private const string Roles = $"/apis/{Group}/v1/clusterroles";
    private const string Bindings = $"/apis/{Group}/v1/clusterrolebindings";
    private const string Nodes = "system:nodes";

    /// <summary>A node's agent is service proxy and cluster DNS too; upstream gives those accounts of their own.</summary>
    private const string NodeNetwork = "flotilla:node-network";

    public async Task EnsureAsync(string clusterId, CancellationToken cancellationToken)
    {
        using var api = apis.Connect(await records.ReadAsync(clusterId, cancellationToken));
        foreach (var (path, value) in Objects())
        {
            var created = await api.Client.RequestAsync(HttpMethod.Post, path, value, cancellationToken);
            if (created is { Succeeded: false, AlreadyExists: false })
            {
                throw new StepException("bootstrap.refused", $"The cluster refused {value["metadata"]!["name"]}: {created.Failure}", ErrorFixer.Operator);
            }
        }
    }

    private static IEnumerable<(string Path, JsonObject Value)> Objects() =>
    [
        (Roles, Role()),
        (Bindings, Binding(NodeNetwork, Nodes, NodeNetwork)),
        // Until the API server has an authorizer for nodes, a node has its whole role and not only its share of it.
        (Bindings, Binding("flotilla:nodes", Nodes, "system:node")),
        (Bindings, Binding(KubeconfigIssuer.DevelopersGroup, KubeconfigIssuer.DevelopersGroup, "edit")),
        (Bindings, Binding(KubeconfigIssuer.ViewersGroup, KubeconfigIssuer.ViewersGroup, "view")),
    ];

    private static JsonObject Role() => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = "ClusterRole",
        ["metadata"] = new JsonObject { ["name"] = NodeNetwork },
        ["rules"] = new JsonArray(
            Rule("", "services", "endpoints", "namespaces", "pods", "nodes"),
            Rule("discovery.k8s.io", "endpointslices")),
    };

    private static JsonObject Rule(string group, params string[] resources) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray([.. resources.Select(resource => (JsonNode)resource)]),
        ["verbs"] = new JsonArray("get", "list", "watch"),
    };

    private static JsonObject Binding(string name, string group, string role) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = Group, ["kind"] = "Group", ["name"] = group }),
    };
}
