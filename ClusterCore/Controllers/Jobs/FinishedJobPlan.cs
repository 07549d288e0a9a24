using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>Whether a finished job's time to live has run out, and when it will have.</summary>
internal readonly record struct FinishedJobPlan(bool Delete, TimeSpan? RequeueAfter)
{
    public static FinishedJobPlan Compute(Job job, DateTimeOffset now)
    {
        if (job.Metadata.DeletionTimestamp is not null || ExpiresAt(job) is not { } expires)
        {
            return default;
        }
        return expires <= now ? new(true, null) : new(false, expires - now);
    }

    /// <returns>Null for a job that is not finished or lives for ever.</returns>
    internal static DateTimeOffset? ExpiresAt(Job job) =>
        job.Spec.TtlSecondsAfterFinished is { } seconds
            ? Array.Find(job.Status.Conditions ?? [], condition => condition is { Type: "Complete" or "Failed", Status: "True" })?.LastTransitionTime?.AddSeconds(seconds)
            : null;
}
