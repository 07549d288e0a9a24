using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>
/// A job's status. A pod that ended is first listed in <c>uncountedTerminatedPods</c>, then loses its finalizer, then moves from the
/// list into the count: at no point can it be counted twice or lost.
/// </summary>
internal static class JobStatusPlan
{
    /// <param name="held">Failed pods that are not counted yet.</param>
    public static JobStatus Compute(Job job, JobPods pods, JobCounts counts, JobVerdict? verdict, IReadOnlySet<Pod> held, DateTimeOffset now)
    {
        var suspended = job.Spec.Suspend == true && verdict is null;
        var uncounted = job.Status.UncountedTerminatedPods ?? new();
        var (countedSuccesses, countedFailures) = (pods.Released(uncounted.Succeeded), pods.Released(uncounted.Failed));
        var indexed = job.Spec.CompletionMode == "Indexed";
        var status = job.Status with
        {
            StartTime = suspended ? null : job.Status.StartTime ?? now,
            Active = suspended || verdict is not null ? 0 : pods.Active.Length,
            Ready = suspended || verdict is not null ? 0 : pods.Active.Count(pod => pod.IsReady()),
            Terminating = pods.Terminating.Length,
            Succeeded = indexed ? counts.CompletedIndexes.Count : job.Status.Succeeded + countedSuccesses.Length,
            Failed = job.Status.Failed + countedFailures.Length,
            CompletedIndexes = indexed ? NullIfEmpty(IndexSet.Format(counts.CompletedIndexes)) : null,
            FailedIndexes = job.Spec.BackoffLimitPerIndex is null ? null : IndexSet.Format(counts.FailedIndexes),
            UncountedTerminatedPods = new()
            {
                Succeeded = List([.. (uncounted.Succeeded ?? []).Except(countedSuccesses), .. pods.NewlySucceeded.Select(Uid)]),
                Failed = List([.. (uncounted.Failed ?? []).Except(countedFailures), .. pods.NewlyFailed
                    .Where(pod => PodFailureRules.ActionFor(job, pod) != PodFailureRules.Ignore && !held.Contains(pod)).Select(Uid)]),
            },
        };
        var isOver = verdict is not null && pods.Active.Length == 0 && pods.Terminating.Length == 0
            && status.UncountedTerminatedPods is { Succeeded: null, Failed: null };
        return status with
        {
            Conditions = Conditions(job, verdict, isOver, suspended, now),
            CompletionTime = isOver && verdict!.Succeeded ? status.CompletionTime ?? now : status.CompletionTime,
        };
    }

    private static JobCondition[]? Conditions(Job job, JobVerdict? verdict, bool isOver, bool suspended, DateTimeOffset now)
    {
        var conditions = job.Status.Conditions ?? [];
        var known = Array.Find(conditions, condition => condition.Type == "Suspended");
        if (suspended && known?.Status != "True")
        {
            conditions = Set(conditions, "Suspended", "True", "JobSuspended", "Job suspended", now);
        }
        else if (!suspended && known?.Status == "True")
        {
            conditions = Set(conditions, "Suspended", "False", "JobResumed", "Job resumed", now);
        }
        if (verdict is not null)
        {
            conditions = Set(conditions, verdict.Interim, "True", verdict.Reason, verdict.Message, now);
            conditions = isOver ? Set(conditions, verdict.Final, "True", verdict.Reason, verdict.Message, now) : conditions;
        }
        return conditions.Length == 0 ? null : conditions;
    }

    private static JobCondition[] Set(
        JobCondition[] conditions, string type, string state, string reason, string message, DateTimeOffset now)
    {
        if (Array.Exists(conditions, condition => condition.Type == type && condition.Status == state))
        {
            return conditions;
        }
        var condition = new JobCondition
        {
            Type = type,
            Status = state,
            Reason = reason,
            Message = message,
            LastProbeTime = now,
            LastTransitionTime = now,
        };
        return [.. conditions.Where(other => other.Type != type), condition];
    }

    private static string Uid(Pod pod) => pod.Metadata.Uid ?? "";

    private static string[]? List(string[] uids) => uids.Length == 0 ? null : uids;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
