using System.Text.Json;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Jobs;

/// <summary>Jobs whose every pod fails at once, for as many hours as their limits allow; each plan is applied to what is there.</summary>
public sealed class JobLongRunTests
{
    private const int Minute = 60;
    private static readonly int[] Waits = [10, 20, 40, 80, 160, 320];
    private readonly List<Pod> pods = [];
    private readonly List<double> starts = [];

    [Fact]
    public void Waits_double_up_to_ten_minutes_and_end_at_the_limit()
    {
        var job = Run(new() { BackoffLimit = 30, Completions = 1, Parallelism = 1 });
        Assert.Equal("BackoffLimitExceeded", Reason(job));
        Assert.Equal((31, 31, 0), (job.Status.Failed, starts.Count, job.Status.Active));
        Assert.Equal([.. Waits, .. Enumerable.Repeat(10 * Minute, 24)], Between(starts));
    }

    [Fact]
    public void Each_index_has_waits_and_a_limit_of_its_own()
    {
        var job = Run(new() { CompletionMode = "Indexed", BackoffLimitPerIndex = 12, Completions = 5, Parallelism = 5 });
        Assert.Equal("FailedIndexes", Reason(job));
        Assert.Equal((65, 65, "0-4"), (job.Status.Failed, starts.Count, job.Status.FailedIndexes));
        Assert.Equal([.. Waits, .. Enumerable.Repeat(10 * Minute, 6)], Between(starts.Distinct()));
        Assert.All(starts.CountBy(start => start), start => Assert.Equal(5, start.Value));
    }

    [Fact]
    public void A_deadline_of_days_ends_a_job_that_has_failures_left()
    {
        var job = Run(new() { BackoffLimit = int.MaxValue, ActiveDeadlineSeconds = 3 * 24 * 60 * Minute, Completions = 1, Parallelism = 1 });
        Assert.Equal("DeadlineExceeded", Reason(job));
        Assert.Equal(437, job.Status.Failed);
    }

    private static IEnumerable<int> Between(IEnumerable<double> times) => times.Zip(times.Skip(1), (one, next) => (int)(next - one));

    private static string? Reason(Job job) => job.Status.Conditions!.Single(condition => condition.Type == "Failed").Reason;

    private Job Run(JobSpec spec)
    {
        spec.Template = A.Template();
        var job = new Job { ApiVersion = "batch/v1", Kind = "Job", Metadata = A.Meta("work"), Spec = spec };
        var now = A.Noon;
        while (!JobPlan.IsFinished(job))
        {
            var plan = JobPlan.Compute(job, pods, now);
            var isQuiet = plan.Create.Count + plan.Release.Count + plan.Delete.Count == 0 && plan.Status == job.Status with { UncountedTerminatedPods = plan.Status.UncountedTerminatedPods };
            Assert.True(pods.Count < 1000, "no more pods than failures");
            job.Status = plan.Status;
            foreach (var pod in plan.Release) { pod.Metadata.Finalizers = null; }
            pods.RemoveAll(plan.Delete.Contains);
            foreach (var index in plan.Create)
            {
                starts.Add((now - A.Noon).TotalSeconds);
                pods.Add(Failed(job, index, now));
            }
            if (isQuiet)
            {
                // Nothing happens by itself: a job that says no time either would hang.
                now += plan.RequeueAfter ?? throw new InvalidOperationException("the job waits for nothing");
            }
        }
        return job;
    }

    private Pod Failed(Job job, int? index, DateTimeOffset now)
    {
        var tree = JobPod.Create(job, index, new JobPods(job, pods).LastFailed(index));
        (tree["metadata"]!["name"], tree["metadata"]!["uid"]) = ($"pod-{pods.Count}", $"uid-{pods.Count}");
        var pod = tree.Deserialize(ObjectJson.Default.Pod)!;
        pod.Status = new()
        {
            Phase = "Failed",
            ContainerStatuses = [new() { Name = "main", State = new() { Terminated = new() { ExitCode = 1, FinishedAt = now } } }],
        };
        return pod;
    }
}
