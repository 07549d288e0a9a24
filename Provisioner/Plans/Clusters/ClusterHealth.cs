using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>What was seen of a cluster: which masters answer, and which nodes Kubernetes calls Ready.</summary>
public sealed record ClusterHealth(IReadOnlySet<string> MastersUp, IReadOnlySet<string> NodesReady)
{
    /// <summary>Writes it into the cluster's record; what has not changed keeps its time.</summary>
    public void Apply(Cluster cluster, DateTimeOffset now)
    {
        foreach (var node in cluster.Nodes)
        {
            var isUp = (node.Role == NodeRole.Master ? MastersUp : NodesReady).Contains(node.Name);
            var state = isUp ? NodeState.Ready : NodeState.NotReady;
            if (node.State == state) { continue; }
            (node.State, node.StateChangedAt) = (state, now);
        }
        var controlPlane = Condition("ControlPlaneReady", "Answers", "NotAnswering", Down(cluster, NodeRole.Master, MastersUp), now);
        var nodes = Condition("NodesReady", "Ready", "NotReady", Down(cluster, NodeRole.Worker, NodesReady), now);
        var conditions = new[] { controlPlane, nodes }.Select(condition => Keep(cluster, condition)).ToList();
        if (!conditions.SequenceEqual(cluster.Conditions)) { cluster.Conditions = conditions; }
        var health = conditions.TrueForAll(condition => condition.Status) ? ClusterState.Ready : ClusterState.Degraded;
        if (cluster.State is ClusterState.Ready or ClusterState.Degraded) { cluster.State = health; }
    }

    private static string[] Down(Cluster cluster, NodeRole role, IReadOnlySet<string> up) =>
        [.. cluster.Nodes.Where(node => node.Role == role && !up.Contains(node.Name)).OrderBy(node => node.Index).Select(node => node.Name)];

    private static ClusterCondition Condition(string type, string good, string bad, string[] down, DateTimeOffset now) => down is []
        ? new(type, true, good, "All are up.", now)
        : new(type, false, bad, $"Not up: {string.Join(", ", down)}.", now);

    private static ClusterCondition Keep(Cluster cluster, ClusterCondition seen) =>
        cluster.Conditions.Find(known => known.Type == seen.Type) is { } known && known.Status == seen.Status
            ? seen with { LastTransition = known.LastTransition }
            : seen;
}
