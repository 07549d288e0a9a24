using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.CronJobs;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.CronJobs;

public sealed class CronJobTests
{
    [Theory]
    [InlineData("*/5 * * * *", "2026-01-01T12:00:00Z", "2026-01-01T12:05:00Z")]
    [InlineData("0 0 * * *", "2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z")]
    [InlineData("30 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00Z")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]
    [InlineData("@hourly", "2026-01-01T12:00:00Z", "2026-01-01T13:00:00Z")]
    [InlineData("15,45 6-8/2 * jan,dec *", "2026-01-01T06:15:00Z", "2026-01-01T06:45:00Z")]
    [InlineData("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z")]
    public void The_next_time_is_found(string schedule, string after, string expected) =>
        Assert.Equal(Time(expected), CronSchedule.Parse(schedule, null).Next(Time(after)));

    [Fact]
    public void Times_are_those_of_the_time_zone() =>
        Assert.Equal(Time("2026-01-02T00:00:00Z"), CronSchedule.Parse("0 9 * * *", "Asia/Seoul").Next(A.Noon));

    [Theory]
    [InlineData(null, "2026-01-01T12:00:00Z")]
    [InlineData("Etc/UTC", "2026-01-01T12:00:00Z")]
    [InlineData("Asia/Seoul", "2026-01-01T21:00:00+09:00")]
    public void A_job_knows_its_time_as_the_schedule_meant_it(string? timeZone, string expected) => Assert.Equal(expected, CronJobTime.Annotated(A.Noon, timeZone));

    [Fact]
    public void A_missed_time_is_said_with_its_offset() => Assert.Equal("Thu, 01 Jan 2026 12:00:00 +0000", CronJobTime.Spoken(A.Noon));

    [Fact]
    public void Without_a_schedule_that_can_be_understood_old_jobs_go_all_the_same()
    {
        var cron = new Client.Objects.CronJob { Metadata = A.Meta("tick"), Spec = new() { Schedule = "nonsense", SuccessfulJobsHistoryLimit = 0 } };
        var done = new Client.Objects.Job { Metadata = A.Meta("tick-1"), Status = new() { Conditions = [new() { Type = "Complete", Status = "True" }], CompletionTime = A.Noon } };
        var plan = CronJobPlan.Compute(cron, null, [done], A.Noon);
        Assert.Equal((CronStart.None, 1, A.Noon), (plan.Start, plan.Surplus.Count, plan.Status.LastSuccessfulTime));
    }

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() => Assert.Null(CronSchedule.Parse("0 0 31 2 *", null).Next(A.Noon));

    [Theory]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("a * * * *")]
    [InlineData("*/0 * * * *")]
    public void Nonsense_is_refused(string schedule) => Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule, null));

    [Fact]
    public void A_due_start_makes_a_job_and_the_next_one_is_waited_for()
    {
        var plan = Plan(Cron(), [], A.Noon.AddSeconds(61));
        Assert.Equal((CronStart.Create, A.Noon.AddMinutes(1)), (plan.Start, plan.ScheduledFor));
        Assert.Equal(TimeSpan.FromSeconds(59.1), plan.RequeueAfter);
    }

    [Theory]
    [InlineData("Allow", CronStart.Create, 0)]
    [InlineData("Forbid", CronStart.Forbidden, 0)]
    [InlineData("Replace", CronStart.Create, 1)]
    public void What_runs_already_counts_as_the_policy_says(string policy, object start, int replaced)
    {
        var cron = Cron();
        cron.Spec.ConcurrencyPolicy = policy;
        var plan = Plan(cron, [Job("running", null)], A.Noon.AddSeconds(61));
        Assert.Equal((start, replaced), (plan.Start, plan.Replace.Count));
    }

    [Fact]
    public void After_250_days_asleep_one_job_is_made_and_it_is_said()
    {
        var plan = Plan(Cron(), [], A.Noon.AddDays(250).AddSeconds(30));
        Assert.Equal((CronStart.Create, A.Noon.AddDays(250), true), (plan.Start, plan.ScheduledFor, plan.TooManyMissed));
    }

    [Fact]
    public void A_year_of_minutes_without_limits_leaves_three_good_jobs_and_one_bad()
    {
        var cron = Cron();
        var jobs = new List<Job>();
        for (var minute = 1; minute <= 2000; minute++)
        {
            var now = A.Noon.AddMinutes(minute).AddSeconds(1);
            var plan = Plan(cron, jobs, now);
            jobs.RemoveAll(job => plan.Surplus.Contains(job));
            jobs.Add(Job($"j{minute}", minute % 10 == 0 ? "Failed" : "Complete", now));
            cron.Status = plan.Status with { LastScheduleTime = plan.ScheduledFor };
            Assert.InRange(jobs.Count, 1, 5);
        }
    }

    [Fact]
    public void A_suspended_cron_job_starts_nothing()
    {
        var cron = Cron();
        cron.Spec.Suspend = true;
        Assert.Equal(CronStart.None, Plan(cron, [], A.Noon.AddDays(1)).Start);
    }

    private static CronJobPlan Plan(CronJob cron, IReadOnlyList<Job> jobs, DateTimeOffset now) =>
        CronJobPlan.Compute(cron, CronSchedule.Parse(cron.Spec.Schedule, null), jobs, now);

    private static CronJob Cron() => new() { Metadata = A.Meta("tick"), Spec = new() { Schedule = "* * * * *" } };

    private static Job Job(string name, string? ended, DateTimeOffset? at = null) => new()
    {
        Metadata = A.Meta(name) with { CreationTimestamp = at ?? A.Noon, Annotations = A.Labels(CronJobPlan.ScheduledTimestamp, "2026-01-01T12:00:00Z") },
        Status = new()
        {
            StartTime = at ?? A.Noon,
            CompletionTime = ended == "Complete" ? at : null,
            Conditions = ended is null ? null : [new() { Type = ended, Status = "True" }],
        },
    };

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
