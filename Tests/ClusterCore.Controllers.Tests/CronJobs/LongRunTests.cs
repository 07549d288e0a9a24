using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.CronJobs;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.CronJobs;

/// <summary>A cron job of every minute for 250 simulated days: 360,000 starts, each plan applied to what is kept.</summary>
public sealed class LongRunTests
{
    private const int Minutes = 250 * 24 * 60;

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 3)]
    public void Every_minute_starts_once_and_no_more_jobs_are_kept_than_the_history_allows(bool fails, int most)
    {
        var cron = new CronJob { Metadata = A.Meta("minutely"), Spec = new() { Schedule = "* * * * *" } };
        var schedule = CronSchedule.Parse(cron.Spec.Schedule, null);
        var jobs = new List<Job>();
        var started = 0;
        for (var minute = 1; minute <= Minutes; minute++)
        {
            var now = A.Noon.AddMinutes(minute).AddSeconds(1);
            jobs.ForEach(job => Finish(job, fails, now));
            var plan = CronJobPlan.Compute(cron, schedule, jobs, now);
            jobs.RemoveAll(plan.Surplus.Contains);
            Assert.Equal(CronStart.Create, plan.Start);
            var job = new Job { Metadata = A.Meta(CronJobName.For(cron, plan.ScheduledFor!.Value)) with { CreationTimestamp = now }, Status = new() { StartTime = now } };
            jobs.Add(job);
            cron.Status = plan.Status with { LastScheduleTime = plan.ScheduledFor, Active = [.. plan.Status.Active ?? [], CronJobPlan.Reference(job)] };
            Assert.Equal((0, 0), (plan.Missing.Count, plan.Unexpected.Count));
            started++;
            Assert.InRange(jobs.Count, 1, most);
        }

        Assert.Equal(Minutes, started);
        Assert.Equal(jobs.Count, jobs.Select(job => job.Metadata.Name).Distinct().Count());
    }

    private static void Finish(Job job, bool fails, DateTimeOffset now)
    {
        if (!JobPlan.IsFinished(job))
        {
            job.Status.Conditions = [new() { Type = fails ? "Failed" : "Complete", Status = "True", LastTransitionTime = now }];
            job.Status.CompletionTime = fails ? null : now;
        }
    }
}
