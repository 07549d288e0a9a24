using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Jobs;

namespace Flotilla.ClusterCore.Controllers.CronJobs;

internal enum CronStart
{
    /// <summary>Nothing is due.</summary>
    None,

    /// <summary>A job is to be made for <see cref="CronJobPlan.ScheduledFor"/>.</summary>
    Create,

    /// <summary>Due, but an earlier job still runs and there may be only one.</summary>
    Forbidden,

    /// <summary>Due, but too late to start.</summary>
    Missed,
}

/// <summary>What a cron job does now: start a job, end those it replaces, drop old ones; and when it wakes next.</summary>
internal sealed record CronJobPlan(
    CronStart Start, DateTimeOffset? ScheduledFor, bool TooManyMissed, IReadOnlyList<Job> Replace, IReadOnlyList<Job> Surplus,
    CronJobStatus Status, TimeSpan? RequeueAfter)
{
    public const string ScheduledTimestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /// <summary>In the status as active, and not to be seen: gone, or made a moment ago.</summary>
    public IReadOnlyList<ObjectReference> Missing { get; init; } = [];

    /// <summary>Run, and were not started from here, as with <c>kubectl create job --from</c>: they hold no start up.</summary>
    public IReadOnlyList<Job> Unexpected { get; init; } = [];

    /// <summary>A cron job that has slept through more starts than this says so.</summary>
    private const int ManyMissed = 100;

    /// <param name="schedule">Null while nothing is to be started.</param>
    public static CronJobPlan Compute(CronJob cron, CronSchedule? schedule, IReadOnlyList<Job> jobs, DateTimeOffset now)
    {
        var known = (cron.Status.Active ?? []).Select(reference => reference.Uid).ToHashSet(StringComparer.Ordinal);
        var running = jobs.Where(job => !JobPlan.IsFinished(job)).ToArray();
        var active = Array.FindAll(running, job => known.Contains(job.Metadata.Uid) || job.Metadata.Annotations?.ContainsKey(ScheduledTimestamp) == true);
        var seen = jobs.Select(job => job.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        var plan = Next(cron, schedule, active, now);
        return plan with
        {
            Surplus = OldJobs(cron, jobs),
            Missing = [.. (cron.Status.Active ?? []).Where(reference => !seen.Contains(reference.Uid))],
            Unexpected = [.. running.Except(active)],
            Status = cron.Status with
            {
                Active = active.Except(plan.Replace).Select(Reference).ToArray() is { Length: > 0 } left ? left : null,
                LastSuccessfulTime = jobs.Select(CompletedAt).Append(cron.Status.LastSuccessfulTime).Max(),
            },
        };
    }

    private static CronJobPlan Next(CronJob cron, CronSchedule? schedule, Job[] active, DateTimeOffset now)
    {
        if (schedule is null || cron.Metadata.DeletionTimestamp is not null || cron.Spec.Suspend == true)
        {
            return new(CronStart.None, null, false, [], [], cron.Status, null);
        }
        var (due, missed) = Due(cron, schedule, now);
        var start = StartFor(cron, due, active, now);
        Job[] replace = start == CronStart.Create && cron.Spec.ConcurrencyPolicy == "Replace" ? active : [];
        var next = schedule.Next(now);
        // A little late rather than a little early: timers and clocks need not agree to the millisecond.
        var wait = next is null ? (TimeSpan?)null : next.Value - now + TimeSpan.FromMilliseconds(100);
        return new(start, due, missed > ManyMissed, replace, [], cron.Status, wait);
    }

    /// <summary>The latest start that is due and was not made yet, and how many were.</summary>
    private static (DateTimeOffset? Due, int Missed) Due(CronJob cron, CronSchedule schedule, DateTimeOffset now)
    {
        var since = cron.Status.LastScheduleTime ?? cron.Metadata.CreationTimestamp ?? now;
        if (cron.Spec.StartingDeadlineSeconds is { } deadline && now.AddSeconds(-deadline) > since)
        {
            since = now.AddSeconds(-deadline);
        }
        DateTimeOffset? due = null;
        var missed = 0;
        for (var next = schedule.Next(since); next is { } time && time <= now; next = schedule.Next(time))
        {
            due = time;
            if (++missed > ManyMissed)
            {
                return (Latest(schedule, time, now), missed);
            }
        }
        return (due, missed);
    }

    /// <summary>Halves the gap until the last start in it is near: 250 days of minutes need no 360,000 steps.</summary>
    private static DateTimeOffset Latest(CronSchedule schedule, DateTimeOffset known, DateTimeOffset now)
    {
        while (now - known > TimeSpan.FromMinutes(1))
        {
            var middle = known + (now - known) / 2;
            if (schedule.Next(middle) is { } found && found <= now)
            {
                known = found;
            }
            else if (schedule.Next(known) is { } step && step <= now)
            {
                known = step;
            }
            else
            {
                break;
            }
        }
        return known;
    }

    private static CronStart StartFor(CronJob cron, DateTimeOffset? due, Job[] active, DateTimeOffset now)
    {
        if (due is not { } time)
        {
            return CronStart.None;
        }
        if (cron.Spec.StartingDeadlineSeconds is { } deadline && time.AddSeconds(deadline) < now)
        {
            return CronStart.Missed;
        }
        // A job of this very time may be there already, made before its time was written down.
        return active.Any(job => job.Metadata.Name == CronJobName.For(cron, time)) ? CronStart.None
            : cron.Spec.ConcurrencyPolicy == "Forbid" && active.Length > 0 ? CronStart.Forbidden
            : CronStart.Create;
    }

    private static Job[] OldJobs(CronJob cron, IReadOnlyList<Job> jobs)
    {
        var finished = jobs.Where(JobPlan.IsFinished).OrderBy(job => job.Status.StartTime ?? job.Metadata.CreationTimestamp).ToArray();
        var succeeded = finished.Where(job => CompletedAt(job) is not null).ToArray();
        var failed = finished.Except(succeeded).ToArray();
        return
        [
            .. succeeded.Take(Math.Max(0, succeeded.Length - (cron.Spec.SuccessfulJobsHistoryLimit ?? 3))),
            .. failed.Take(Math.Max(0, failed.Length - (cron.Spec.FailedJobsHistoryLimit ?? 1))),
        ];
    }

    private static DateTimeOffset? CompletedAt(Job job) =>
        Array.Exists(job.Status.Conditions ?? [], condition => condition is { Type: "Complete", Status: "True" })
            ? job.Status.CompletionTime ?? job.Metadata.CreationTimestamp
            : null;

    public static ObjectReference Reference(Job job) => new()
    {
        ApiVersion = "batch/v1",
        Kind = "Job",
        Namespace = job.Metadata.Namespace,
        Name = job.Metadata.Name,
        Uid = job.Metadata.Uid,
        ResourceVersion = job.Metadata.ResourceVersion,
    };
}

internal static class CronJobName
{
    /// <summary>One name for one start: made twice, it is taken.</summary>
    public static string For(CronJob cron, DateTimeOffset scheduled) => $"{cron.Metadata.Name}-{scheduled.ToUnixTimeSeconds() / 60}";
}
