using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.ClusterRoles;

/// <summary>Cluster roles made of others: <c>admin</c>, <c>edit</c> and <c>view</c> grow with what is labelled for them.</summary>
internal sealed class ClusterRoleAggregationController : ReconcilingController
{
    private readonly Informer<ClusterRole> roles;

    public ClusterRoleAggregationController(ControllerContext context) : base("clusterrole-aggregation-controller", context, workers: 1)
    {
        roles = context.Informers.Get(Kinds.ClusterRoles);
        roles.AddHandler(_ =>
        {
            foreach (var aggregated in roles.List().Where(role => role.AggregationRule is not null))
            {
                Queue.Add(aggregated.Key);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (roles.Find(key) is not { AggregationRule: not null } role)
        {
            return ReconcileResult.Done;
        }
        var wanted = AggregatedRules.Compute(role, roles.List());
        if (JsonNode.DeepEquals(Tree(wanted), Tree(role.Rules ?? [])))
        {
            return ReconcileResult.Done;
        }
        var patched = await Client.PatchAsync(
            Kinds.ClusterRoles, null, key.Name, Patch.Merge(new JsonObject { ["rules"] = Tree(wanted) }), cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
        return ReconcileResult.Done;
    }

    private static JsonArray Tree(PolicyRule[] rules) =>
        [.. rules.Select(rule => JsonSerializer.SerializeToNode(rule, ObjectJson.Default.PolicyRule))];
}
