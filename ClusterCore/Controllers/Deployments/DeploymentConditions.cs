using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>The status of a deployment with its three conditions: Available, Progressing, ReplicaFailure.</summary>
/// <param name="tracksProgress">While paused or scaling no progress is expected, and none is missed.</param>
internal sealed class DeploymentConditions(Rollout rollout, DateTimeOffset now, bool tracksProgress)
{
    private const string Available = "Available";
    private const string Progressing = "Progressing";
    private const string Failure = "ReplicaFailure";
    private const string Complete = "NewReplicaSetAvailable";
    public const string TimedOut = "ProgressDeadlineExceeded";
    private const string Paused = "DeploymentPaused";
    private readonly Deployment deployment = rollout.Deployment;

    private bool HasDeadline => deployment.Spec.ProgressDeadlineSeconds is { } seconds && seconds != int.MaxValue;

    private string Subject => rollout.New is { } set ? $"ReplicaSet \"{set.Metadata.Name}\"" : $"Deployment \"{deployment.Metadata.Name}\"";

    /// <returns>Null while the rollout has time left.</returns>
    public static string? TimedOutWith(DeploymentStatus status) =>
        Find(status.Conditions, Progressing) is { Reason: TimedOut, Message: { } message } ? message : null;

    public DeploymentStatus Status()
    {
        var status = Counts();
        var conditions = deployment.Status.Conditions ?? [];
        conditions = Set(conditions, AvailableCondition(status));
        if (!HasDeadline)
        {
            conditions = Without(conditions, Progressing);
        }
        else if (PauseCondition(conditions) is { } pause)
        {
            conditions = Set(conditions, pause);
        }
        else if (tracksProgress)
        {
            conditions = Progress(conditions, status);
        }
        conditions = ReplicaFailure() is { } failure ? Set(conditions, failure) : Without(conditions, Failure);
        return status with { Conditions = conditions };
    }

    /// <summary>When a rollout that gets no further has run out of time.</summary>
    public TimeSpan? UntilDeadline(DeploymentStatus status)
    {
        var progress = Find(status.Conditions, Progressing);
        if (!HasDeadline || deployment.Spec.Paused || progress is null or { Reason: Complete or TimedOut }
            || rollout.IsComplete(status) || progress.LastUpdateTime is not { } since)
        {
            return null;
        }
        // A second more: times on the wire have whole seconds.
        var left = since.AddSeconds((deployment.Spec.ProgressDeadlineSeconds ?? 0) + 1) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1);
    }

    private DeploymentStatus Counts() => deployment.Status with
    {
        ObservedGeneration = deployment.Metadata.Generation,
        Replicas = rollout.All.Sum(set => set.Status.Replicas),
        UpdatedReplicas = rollout.New?.Status.Replicas ?? 0,
        ReadyReplicas = rollout.All.Sum(set => set.Status.ReadyReplicas),
        AvailableReplicas = rollout.AvailableReplicas,
        UnavailableReplicas = Math.Max(0, rollout.TotalReplicas - rollout.AvailableReplicas),
        TerminatingReplicas = rollout.All.All(set => set.Status.TerminatingReplicas is not null)
            ? rollout.All.Sum(set => set.Status.TerminatingReplicas)
            : null,
    };

    private DeploymentCondition AvailableCondition(DeploymentStatus status) =>
        status.AvailableReplicas >= rollout.Replicas - rollout.MaxUnavailable
            ? Condition(Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : Condition(Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");

    private DeploymentCondition? PauseCondition(DeploymentCondition[] conditions)
    {
        var progress = Find(conditions, Progressing);
        if (progress?.Reason == TimedOut)
        {
            // A rollout that failed is not made pending again by pausing it.
            return null;
        }
        return (deployment.Spec.Paused, progress?.Reason == Paused) switch
        {
            (true, false) => Condition(Progressing, "Unknown", Paused, "Deployment is paused"),
            (false, true) => Condition(Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed"),
            _ => null,
        };
    }

    private DeploymentCondition[] Progress(DeploymentCondition[] conditions, DeploymentStatus status)
    {
        var known = Find(conditions, Progressing);
        if (status.Replicas == status.UpdatedReplicas && known?.Reason == Complete)
        {
            return conditions;
        }
        if (rollout.IsComplete(status))
        {
            return Set(conditions, Condition(Progressing, "True", Complete, $"{Subject} has successfully progressed."));
        }
        if (MadeProgress(status))
        {
            // Set anew even where it says the same: its update time is what the deadline counts from.
            var moved = Condition(Progressing, "True", "ReplicaSetUpdated", $"{Subject} is progressing.");
            moved.LastTransitionTime = known is { Status: "True" } ? known.LastTransitionTime : now;
            return [.. Without(conditions, Progressing), moved];
        }
        if (HasTimedOut(known))
        {
            return Set(conditions, Condition(Progressing, "False", TimedOut, $"{Subject} has timed out progressing."));
        }
        return known is null && rollout.New is not null
            ? Set(conditions, Condition(Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{rollout.New.Metadata.Name}\""))
            : conditions;
    }

    private bool MadeProgress(DeploymentStatus status)
    {
        var before = deployment.Status;
        return status.UpdatedReplicas > before.UpdatedReplicas
            || status.Replicas - status.UpdatedReplicas < before.Replicas - before.UpdatedReplicas
            || status.ReadyReplicas > before.ReadyReplicas
            || status.AvailableReplicas > before.AvailableReplicas;
    }

    private bool HasTimedOut(DeploymentCondition? progress) => progress switch
    {
        null or { Reason: Complete } => false,
        { Reason: TimedOut } => true,
        _ => progress.LastUpdateTime?.AddSeconds(deployment.Spec.ProgressDeadlineSeconds ?? 0) < now,
    };

    private DeploymentCondition? ReplicaFailure()
    {
        var sets = rollout.New is null ? rollout.Old : [rollout.New, .. rollout.Old];
        var failing = sets.SelectMany(set => set.Status.Conditions ?? []).FirstOrDefault(condition => condition.Type == Failure);
        return failing is null ? null : Condition(Failure, failing.Status, failing.Reason, failing.Message);
    }

    private DeploymentCondition Condition(string type, string status, string? reason, string? message) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        LastUpdateTime = now,
        LastTransitionTime = now,
    };

    internal static DeploymentCondition[] Set(DeploymentCondition[] conditions, DeploymentCondition condition)
    {
        if (Find(conditions, condition.Type) is { } known)
        {
            if (known.Status == condition.Status && known.Reason == condition.Reason)
            {
                return conditions;
            }
            condition.LastTransitionTime = known.Status == condition.Status ? known.LastTransitionTime : condition.LastTransitionTime;
        }
        return [.. Without(conditions, condition.Type), condition];
    }

    private static DeploymentCondition? Find(DeploymentCondition[]? conditions, string type) =>
        Array.Find(conditions ?? [], condition => condition.Type == type);

    private static DeploymentCondition[] Without(DeploymentCondition[] conditions, string type) =>
        Find(conditions, type) is null ? conditions : [.. conditions.Where(condition => condition.Type != type)];
}
