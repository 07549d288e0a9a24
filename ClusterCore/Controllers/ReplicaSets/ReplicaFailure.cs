using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ReplicaSets;

/// <summary>The condition that says pods could not be made or deleted; absent while all is well.</summary>
internal static class ReplicaFailure
{
    private const string Type = "ReplicaFailure";

    public static ReplicaSetCondition[]? Conditions(ReplicaSetCondition[]? before, string? reason, string? failure, DateTimeOffset now)
    {
        var known = Array.Find(before ?? [], condition => condition.Type == Type);
        if (failure is null)
        {
            return known is null ? before : [.. before!.Where(condition => condition.Type != Type)];
        }
        if (known is not null && known.Reason == reason)
        {
            return before;
        }
        var condition = new ReplicaSetCondition { Type = Type, Status = "True", Reason = reason, Message = failure, LastTransitionTime = now };
        return [.. (before ?? []).Where(other => other.Type != Type), condition];
    }
}
