using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Plans.Engine;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>What project roles may do in a cluster: the groups of <see cref="KubeconfigIssuer"/>, bound to Kubernetes' own roles.</summary>
internal sealed class AccessBindings(ClusterRecords records, ClusterApis apis)
{
    private const string Group = "rbac.authorization.k8s.io";
    private const string Bindings = $"/apis/{Group}/v1/clusterrolebindings";

    public async Task EnsureAsync(string clusterId, CancellationToken cancellationToken)
    {
        using var api = apis.Connect(await records.ReadAsync(clusterId, cancellationToken));
        foreach (var (group, role) in new[] { (KubeconfigIssuer.DevelopersGroup, "edit"), (KubeconfigIssuer.ViewersGroup, "view") })
        {
            var created = await api.Client.RequestAsync(HttpMethod.Post, Bindings, Binding(group, role), cancellationToken);
            if (created is { Succeeded: false, AlreadyExists: false })
            {
                throw new StepException("bootstrap.refused", $"The cluster refused the binding of {group}: {created.Failure}", ErrorFixer.Operator);
            }
        }
    }

    private static JsonObject Binding(string group, string role) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = group },
        ["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = Group, ["kind"] = "Group", ["name"] = group }),
    };
}
