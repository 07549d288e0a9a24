using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>The next steps of a job: pods to make (by index, where it has indexes), to delete, and to let go once counted.</summary>
internal sealed record JobPlan(
    IReadOnlyList<int?> Create, IReadOnlyList<Pod> Delete, IReadOnlyList<Pod> Release, JobStatus Status, JobVerdict? Finished,
    TimeSpan? RequeueAfter)
{
    /// <summary>Whether the deleted pods have failed with their job. Those that are too many, or suspended, have not: they are let go before.</summary>
    public bool CountsDeleted { get; init; }

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(10);

    public static JobPlan Compute(Job job, IReadOnlyList<Pod> pods, DateTimeOffset now)
    {
        var state = new JobPods(job, pods);
        if (IsFinished(job))
        {
            return new([], [], [.. pods.Where(JobPods.IsTracked)], job.Status, null, null);
        }
        var counts = JobCounts.Compute(job, state);
        var suspended = job.Spec.Suspend == true;
        var verdict = job.Metadata.DeletionTimestamp is null ? JobVerdict.Compute(job, state, counts, now) : null;
        var held = verdict is null && job.Metadata.DeletionTimestamp is null ? Held(job, state, counts) : [];
        // Failures that a rule ignores are in no count: nothing but its index keeps such a pod.
        Pod[] release = [.. state.Releasable, .. state.NewlyFailed.Where(pod => PodFailureRules.ActionFor(job, pod) == PodFailureRules.Ignore && !held.Contains(pod))];
        var status = JobStatusPlan.Compute(job, state, counts, verdict, held, now);
        if (verdict is not null || suspended)
        {
            var isOver = verdict is not null && Array.Exists(status.Conditions!, condition => condition.Type == verdict.Final);
            return new([], state.Active, release, status, isOver ? verdict : null, null) { CountsDeleted = verdict is not null };
        }
        var (create, delete, wait) = job.Metadata.DeletionTimestamp is null ? Size(job, state, counts, now) : ([], [], null);
        return new(create, delete, release, status, null, Sooner(wait, UntilDeadline(job, status, now)));
    }

    public static bool IsFinished(Job job) =>
        Array.Exists(job.Status.Conditions ?? [], condition => condition is { Type: "Complete" or "Failed", Status: "True" });

    /// <summary>
    /// With a limit per index the last failed pod of each index stays, uncounted, until another has taken its place: it alone knows how
    /// often the index has failed.
    /// </summary>
    private static HashSet<Pod> Held(Job job, JobPods pods, JobCounts counts)
    {
        if (job.Spec.BackoffLimitPerIndex is null)
        {
            return [];
        }
        var replaced = pods.Active.Select(JobPods.IndexOf).ToHashSet();
        return new(
            pods.NewlyFailed.Select(JobPods.IndexOf).OfType<int>().Distinct()
                .Where(index => !replaced.Contains(index) && !counts.CompletedIndexes.Contains(index) && !counts.FailedIndexes.Contains(index) && index < job.Spec.Completions)
                .Select(index => pods.LastFailed(index)!).Where(JobPods.IsTracked),
            ReferenceEqualityComparer.Instance);
    }

    private static (int?[] Create, Pod[] Delete, TimeSpan? Wait) Size(Job job, JobPods pods, JobCounts counts, DateTimeOffset now)
    {
        var parallelism = job.Spec.Parallelism ?? 1;
        var indexed = job.Spec.CompletionMode == "Indexed";
        var active = indexed ? Wanted(job, pods, counts, now) : pods.Active;
        var wanted = job.Spec.Completions is { } completions
            ? Math.Min(parallelism, completions - counts.Succeeded - counts.FailedIndexes.Count)
            : counts.Succeeded > 0 ? active.Length : parallelism;
        var surplus = Math.Max(0, active.Length - wanted);
        Pod[] delete = [.. pods.Active.Except(active), .. ReplicaSets.DeletionOrder.Sort(active, now).Take(surplus)];
        var taken = pods.CountsTerminatingAsActive ? pods.Terminating.Length : 0;
        var missing = Math.Min(wanted - active.Length - taken, 500);
        if (missing <= 0)
        {
            return ([], delete, null);
        }
        return job.Spec.BackoffLimitPerIndex is not null ? Spread(FreeIndexes(job, pods, active, counts), missing)
            : BackoffLeft(pods.Succeeded, pods.Failed, now) is { Ticks: > 0 } wait ? ([], delete, wait)
            : (indexed ? [.. FreeIndexes(job, pods, active, counts).Take(missing)] : [.. Enumerable.Repeat((int?)null, missing)], delete, null);

        // Each index waits for its own failures alone.
        (int?[] Create, Pod[] Delete, TimeSpan? Wait) Spread(IEnumerable<int?> free, int count)
        {
            var waits = free.Select(index => (Index: index, Wait: BackoffLeft(pods.LastFailed(index), now))).ToArray();
            int?[] due = [.. waits.Where(index => index.Wait <= TimeSpan.Zero).Take(count).Select(index => index.Index)];
            return (due, delete, due.Length < count && waits.Length > due.Length ? waits.Where(index => index.Wait > TimeSpan.Zero).Min(index => index.Wait) : null);
        }
    }

    /// <summary>Of several pods of one index the one that is furthest.</summary>
    private static Pod[] Wanted(Job job, JobPods pods, JobCounts counts, DateTimeOffset now) =>
        [.. pods.Active.Where(pod => IsWanted(job, counts, pod)).GroupBy(JobPods.IndexOf).Select(one => ReplicaSets.DeletionOrder.Sort([.. one], now).Last())];

    private static bool IsWanted(Job job, JobCounts counts, Pod pod) =>
        JobPods.IndexOf(pod) is { } index && index < job.Spec.Completions
        && !counts.CompletedIndexes.Contains(index) && !counts.FailedIndexes.Contains(index);

    private static IEnumerable<int?> FreeIndexes(Job job, JobPods pods, Pod[] active, JobCounts counts)
    {
        var taken = active.Concat(pods.CountsTerminatingAsActive ? pods.Terminating : []).Select(JobPods.IndexOf).ToHashSet();
        return Enumerable.Range(0, job.Spec.Completions ?? 0)
            .Where(index => !taken.Contains(index) && !counts.CompletedIndexes.Contains(index) && !counts.FailedIndexes.Contains(index))
            .Select(index => (int?)index);
    }

    /// <summary>After failures in a row the next pod waits 10 s, doubled for each, up to 10 minutes.</summary>
    private static TimeSpan BackoffLeft(IEnumerable<Pod> succeeded, IEnumerable<Pod> failed, DateTimeOffset now)
    {
        var lastSuccess = succeeded.Select(JobPods.EndedAt).Max();
        var failures = failed.Select(JobPods.EndedAt).Where(ended => lastSuccess is null || ended > lastSuccess).ToArray();
        return failures.Length == 0 ? TimeSpan.Zero
            : failures.Max() + Backoff.After(failures.Length - 1, FirstBackoff, LongestBackoff) - now ?? TimeSpan.Zero;
    }

    private static TimeSpan BackoffLeft(Pod? lastFailed, DateTimeOffset now) => lastFailed is null
        ? TimeSpan.Zero
        : JobPods.EndedAt(lastFailed) + Backoff.After(JobPods.FailuresBefore(lastFailed) + JobPods.IgnoredBefore(lastFailed), FirstBackoff, LongestBackoff) - now
            ?? TimeSpan.Zero;

    private static TimeSpan? UntilDeadline(Job job, JobStatus status, DateTimeOffset now) =>
        job.Spec.ActiveDeadlineSeconds is { } seconds && status.StartTime is { } start
            ? start.AddSeconds(seconds) - now is { Ticks: > 0 } left ? left : TimeSpan.FromSeconds(1)
            : null;

    private static TimeSpan? Sooner(TimeSpan? left, TimeSpan? right) =>
        left is null ? right : right is null ? left : left < right ? left : right;
}
