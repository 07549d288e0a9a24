using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ReplicaSets;

/// <summary>A replication controller is a replica set with a plain selector; it stays the owner of its pods under its own kind.</summary>
internal static class ReplicationControllerView
{
    public static ReplicaSet Of(ReplicationController controller) => new()
    {
        ApiVersion = "v1",
        Kind = "ReplicationController",
        Metadata = controller.Metadata,
        Spec = new()
        {
            Replicas = controller.Spec.Replicas,
            MinReadySeconds = controller.Spec.MinReadySeconds,
            Selector = controller.Spec.Selector is { Count: > 0 } labels ? new() { MatchLabels = labels } : null,
            Template = controller.Spec.Template,
        },
        Status = new()
        {
            Replicas = controller.Status.Replicas,
            FullyLabeledReplicas = controller.Status.FullyLabeledReplicas,
            ReadyReplicas = controller.Status.ReadyReplicas,
            AvailableReplicas = controller.Status.AvailableReplicas,
            ObservedGeneration = controller.Status.ObservedGeneration,
            Conditions = controller.Status.Conditions is { } conditions ? Array.ConvertAll(conditions, Condition) : null,
        },
    };

    private static ReplicaSetCondition Condition(ReplicationControllerCondition condition) => new()
    {
        Type = condition.Type,
        Status = condition.Status,
        Reason = condition.Reason,
        Message = condition.Message,
        LastTransitionTime = condition.LastTransitionTime,
    };
}
