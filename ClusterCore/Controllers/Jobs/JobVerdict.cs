using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>How a job ends: the condition it gets, with upstream's reasons and words.</summary>
internal sealed record JobVerdict(bool Succeeded, string Reason, string Message)
{
    /// <summary>First said with these, so that clients know the end before the last pod is gone.</summary>
    public string Interim => Succeeded ? "SuccessCriteriaMet" : "FailureTarget";

    public string Final => Succeeded ? "Complete" : "Failed";

    /// <returns>Null while the job goes on.</returns>
    public static JobVerdict? Compute(Job job, JobPods pods, JobCounts counts, DateTimeOffset now) =>
        Known(job)
        ?? PodFailureRules.Verdict(job, pods)
        ?? Failure(
            counts.Failed > BackoffLimit(job) || RestartedTooOften(job, pods), "BackoffLimitExceeded", "Job has reached the specified backoff limit")
        ?? Failure(IsPastDeadline(job, now), "DeadlineExceeded", "Job was active longer than specified deadline")
        ?? PerIndex(job, counts)
        ?? SuccessRules(job, counts)
        ?? Complete(job, pods, counts);

    /// <summary>What was said once stays said.</summary>
    private static JobVerdict? Known(Job job)
    {
        var said = Array.Find(job.Status.Conditions ?? [], condition =>
            condition is { Type: "FailureTarget" or "SuccessCriteriaMet", Status: "True" });
        return said is null ? null : new(said.Type == "SuccessCriteriaMet", said.Reason ?? "", said.Message ?? "");
    }

    private static JobVerdict? Failure(bool isSo, string reason, string message) => isSo ? new(false, reason, message) : null;

    private static bool IsPastDeadline(Job job, DateTimeOffset now) =>
        job is { Spec: { ActiveDeadlineSeconds: { } seconds, Suspend: not true }, Status.StartTime: { } start } && start.AddSeconds(seconds) <= now;

    /// <summary>Of all indexes together, where it is said; each has its own limit then.</summary>
    private static int BackoffLimit(Job job) => job.Spec.BackoffLimit ?? (job.Spec.BackoffLimitPerIndex is null ? 6 : int.MaxValue);

    /// <summary>Where containers are started anew in place, their restarts are what fails.</summary>
    private static bool RestartedTooOften(Job job, JobPods pods)
    {
        var restarting = pods.Active.Where(pod => pod.Spec.RestartPolicy == "OnFailure").ToArray();
        var restarts = restarting.Sum(pod => (pod.Status.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? []).Sum(status => status.RestartCount));
        return restarting.Length > 0 && restarts >= Math.Max(1, BackoffLimit(job));
    }

    private static JobVerdict? PerIndex(Job job, JobCounts counts)
    {
        if (job.Spec.BackoffLimitPerIndex is null)
        {
            return null;
        }
        if (job.Spec.MaxFailedIndexes is { } most && counts.FailedIndexes.Count > most)
        {
            return new(false, "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }
        return counts.FailedIndexes.Count > 0 && counts.FailedIndexes.Count + counts.CompletedIndexes.Count >= job.Spec.Completions
            ? new(false, "FailedIndexes", "Job has failed indexes")
            : null;
    }

    private static JobVerdict? SuccessRules(Job job, JobCounts counts)
    {
        var rules = job.Spec.SuccessPolicy?.Rules ?? [];
        for (var i = 0; i < rules.Length; i++)
        {
            var wanted = rules[i].SucceededIndexes is { } indexes ? IndexSet.Parse(indexes) : null;
            var hits = wanted is null ? counts.CompletedIndexes.Count : counts.CompletedIndexes.Count(wanted.Contains);
            var needed = rules[i].SucceededCount ?? wanted?.Count ?? int.MaxValue;
            if (hits >= needed)
            {
                return new(true, "SuccessPolicy", $"Matched rules at index {i}");
            }
        }
        return null;
    }

    private static JobVerdict? Complete(Job job, JobPods pods, JobCounts counts)
    {
        var isComplete = job.Spec.Completions is { } completions
            ? counts.Succeeded >= completions
            // A work queue: one success says the work is done, the others may finish theirs.
            : counts.Succeeded > 0 && pods.Active.Length == 0;
        return isComplete ? new(true, "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }
}
