using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>What a node's silence means: conditions nobody vouches for, and when to look again.</summary>
internal sealed record NodeLifecyclePlan(NodeCondition[] Conditions, bool ConditionsChanged, bool WentSilent, TimeSpan? RequeueAfter)
{
    private static readonly string[] Vouched = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    public static NodeLifecyclePlan Compute(Node node, TimeSpan silence, ControllerManagerOptions options, DateTimeOffset now)
    {
        var present = node.Status.Conditions ?? [];
        var ready = node.Condition("Ready");
        var grace = ready is null ? options.NodeStartupGracePeriod : options.NodeMonitorGracePeriod;
        if (silence < grace)
        {
            return new(present, false, false, grace - silence);
        }
        var conditions = present.ToList();
        foreach (var type in Vouched)
        {
            Doubt(conditions, type, node, now);
        }
        var changed = !conditions.SequenceEqual(present);
        return new([.. conditions], changed, changed && ready?.Status == "True", null);
    }

    private static void Doubt(List<NodeCondition> conditions, string type, Node node, DateTimeOffset now)
    {
        var at = conditions.FindIndex(condition => condition.Type == type);
        if (at < 0)
        {
            conditions.Add(new()
            {
                Type = type,
                Status = "Unknown",
                Reason = "NodeStatusNeverUpdated",
                Message = "Kubelet never posted node status.",
                LastHeartbeatTime = node.Metadata.CreationTimestamp,
                LastTransitionTime = now,
            });
        }
        else if (conditions[at].Status != "Unknown")
        {
            conditions[at] = conditions[at] with
            {
                Status = "Unknown",
                Reason = "NodeStatusUnknown",
                Message = "Kubelet stopped posting node status.",
                LastTransitionTime = now,
            };
        }
    }
}
