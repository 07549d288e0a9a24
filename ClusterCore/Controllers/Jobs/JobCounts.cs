using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>How many pods have ended how, counted or not, and which indexes are done or given up.</summary>
internal sealed record JobCounts(int Succeeded, int Failed, SortedSet<int> CompletedIndexes, SortedSet<int> FailedIndexes)
{
    public static JobCounts Compute(Job job, JobPods pods)
    {
        var uncounted = job.Status.UncountedTerminatedPods;
        var failed = job.Status.Failed + (uncounted?.Failed?.Length ?? 0)
            + pods.NewlyFailed.Count(pod => PodFailureRules.ActionFor(job, pod) != PodFailureRules.Ignore);
        if (job.Spec.CompletionMode != "Indexed")
        {
            var succeeded = job.Status.Succeeded + (uncounted?.Succeeded?.Length ?? 0) + pods.NewlySucceeded.Count();
            return new(succeeded, failed, [], []);
        }
        var size = job.Spec.Completions ?? 0;
        var completed = IndexSet.Parse(job.Status.CompletedIndexes, size);
        completed.UnionWith(pods.Succeeded.Where(JobPods.IsTracked).Select(JobPods.IndexOf).OfType<int>().Where(index => index < size));
        var givenUp = IndexSet.Parse(job.Status.FailedIndexes, size);
        if (job.Spec.BackoffLimitPerIndex is { } limit)
        {
            givenUp.UnionWith(pods.Failed
                .Where(pod => JobPods.IndexOf(pod) is { } index && index < size && !completed.Contains(index)
                    && PodFailureRules.ActionFor(job, pod) is var action
                    && (action == PodFailureRules.FailIndex || (action != PodFailureRules.Ignore && JobPods.FailuresBefore(pod) >= limit)))
                .Select(pod => JobPods.IndexOf(pod)!.Value));
        }
        return new(completed.Count, failed, completed, givenUp);
    }
}
