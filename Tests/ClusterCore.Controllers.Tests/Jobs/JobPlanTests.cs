using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Jobs;

public sealed class JobPlanTests
{
    [Theory]
    [InlineData(5, 2, 0, 0, 2)]
    [InlineData(5, 2, 1, 0, 1)]
    [InlineData(5, 2, 1, 4, 0)]
    [InlineData(5, 10, 0, 3, 2)]
    public void Pods_are_made_as_parallelism_and_completions_allow(int completions, int parallelism, int active, int succeeded, int expected)
    {
        var job = Job(completions, parallelism);
        job.Status.Succeeded = succeeded;
        Assert.Equal(expected, JobPlan.Compute(job, Pods(active, "Running"), A.Noon).Create.Count);
    }

    [Fact]
    public void An_ended_pod_is_listed_then_released_then_counted()
    {
        var job = Job(1, 1);
        var pod = Pod("p", "Succeeded");
        var listed = JobPlan.Compute(job, [pod], A.Noon);
        Assert.Equal(["uid-default-p"], listed.Status.UncountedTerminatedPods!.Succeeded!);
        Assert.Equal(0, listed.Status.Succeeded);
        Assert.Empty(listed.Release);

        job.Status = listed.Status;
        Assert.Single(JobPlan.Compute(job, [pod], A.Noon).Release);

        pod.Metadata.Finalizers = null;
        var counted = JobPlan.Compute(job, [pod], A.Noon).Status;
        Assert.Equal((1, null), (counted.Succeeded, counted.UncountedTerminatedPods!.Succeeded));
        Assert.Contains(counted.Conditions!, condition => condition is { Type: "Complete", Status: "True", Reason: "CompletionsReached" });
    }

    [Fact]
    public void After_failures_the_next_pod_waits_longer_each_time()
    {
        var failed = Enumerable.Range(0, 3).Select(i => Ended($"p{i}", "Failed", A.Noon.AddSeconds(i))).ToArray();
        var waiting = JobPlan.Compute(Job(1, 1), failed, A.Noon.AddSeconds(2));
        Assert.Empty(waiting.Create);
        Assert.Equal(TimeSpan.FromSeconds(40), waiting.RequeueAfter);
        Assert.Single(JobPlan.Compute(Job(1, 1), failed, A.Noon.AddSeconds(43)).Create);
    }

    [Fact]
    public void Too_many_failures_end_a_job()
    {
        var job = Job(1, 1);
        job.Spec.BackoffLimit = 1;
        job.Status.Failed = 2;
        var plan = JobPlan.Compute(job, Pods(1, "Running"), A.Noon);
        Assert.Contains(plan.Status.Conditions!, condition => condition is { Type: "FailureTarget", Reason: "BackoffLimitExceeded" });
        Assert.DoesNotContain(plan.Status.Conditions!, condition => condition.Type == "Failed");
        Assert.Single(plan.Delete);

        job.Status = plan.Status;
        Assert.Contains(JobPlan.Compute(job, [], A.Noon).Status.Conditions!, condition => condition is { Type: "Failed", Status: "True" });
    }

    [Fact]
    public void A_job_past_its_deadline_fails()
    {
        var job = Job(1, 1);
        job.Spec.ActiveDeadlineSeconds = 60;
        job.Status.StartTime = A.Noon;
        Assert.Equal(TimeSpan.FromSeconds(50), JobPlan.Compute(job, Pods(1, "Running"), A.Noon.AddSeconds(10)).RequeueAfter);
        var late = JobPlan.Compute(job, Pods(1, "Running"), A.Noon.AddSeconds(60));
        Assert.Contains(late.Status.Conditions!, condition => condition is { Type: "FailureTarget", Reason: "DeadlineExceeded" });
    }

    [Fact]
    public void A_suspended_job_has_no_pods()
    {
        var job = Job(1, 1);
        job.Spec.Suspend = true;
        var plan = JobPlan.Compute(job, Pods(1, "Running"), A.Noon);
        Assert.Single(plan.Delete);
        Assert.Equal(("True", "JobSuspended"), (plan.Status.Conditions![0].Status, plan.Status.Conditions[0].Reason));
        Assert.Null(plan.Status.StartTime);
    }

    [Fact]
    public void Indexes_that_are_not_done_are_filled_lowest_first()
    {
        var job = Job(5, 3);
        job.Spec.CompletionMode = "Indexed";
        job.Status.CompletedIndexes = "0,2";
        var running = Pod("p", "Running");
        running.Metadata.Annotations = A.Labels("batch.kubernetes.io/job-completion-index", "1");
        Assert.Equal([3, 4], JobPlan.Compute(job, [running], A.Noon).Create);
    }

    [Theory]
    [InlineData("FailJob", "FailureTarget")]
    [InlineData("Ignore", null)]
    public void Exit_codes_decide_where_a_policy_says_so(string action, string? condition)
    {
        var job = Job(1, 1);
        job.Spec.PodFailurePolicy = new() { Rules = [new() { Action = action, OnExitCodes = new() { Operator = "In", Values = [42] } }] };
        var pod = Ended("p", "Failed", A.Noon, exitCode: 42);
        var plan = JobPlan.Compute(job, [pod], A.Noon.AddHours(1));
        Assert.Equal(condition, plan.Status.Conditions?.FirstOrDefault()?.Type);
        Assert.Equal(action == "Ignore" ? null : new[] { "uid-default-p" }, plan.Status.UncountedTerminatedPods!.Failed);
    }

    [Theory]
    [InlineData("1,3-5,7", new[] { 1, 3, 4, 5, 7 })]
    [InlineData("", new int[0])]
    [InlineData("0,1", new[] { 0, 1 })]
    public void Indexes_are_written_as_ranges(string text, int[] indexes)
    {
        Assert.Equal(indexes, IndexSet.Parse(text));
        Assert.Equal(text, IndexSet.Format(indexes));
    }

    [Fact]
    public void A_finished_job_expires_after_its_time_to_live()
    {
        var job = Job(1, 1);
        job.Spec.TtlSecondsAfterFinished = 30;
        Assert.Null(FinishedJobPlan.ExpiresAt(job));
        job.Status.Conditions = [new() { Type = "Complete", Status = "True", LastTransitionTime = A.Noon }];
        Assert.Equal(A.Noon.AddSeconds(30), FinishedJobPlan.ExpiresAt(job));
    }

    private static Job Job(int completions, int parallelism) => new()
    {
        ApiVersion = "batch/v1",
        Kind = "Job",
        Metadata = A.Meta("work"),
        Spec = new() { Completions = completions, Parallelism = parallelism, BackoffLimit = 6, Template = A.Template() },
    };

    private static Pod[] Pods(int count, string phase) => [.. Enumerable.Range(0, count).Select(i => Pod($"p{i}", phase))];

    private static Pod Pod(string name, string phase)
    {
        var pod = A.Pod(name, "node-0", phase);
        pod.Metadata.Finalizers = ["batch.kubernetes.io/job-tracking"];
        return pod;
    }

    private static Pod Ended(string name, string phase, DateTimeOffset at, int exitCode = 1)
    {
        var pod = Pod(name, phase);
        pod.Status.ContainerStatuses = [new() { Name = "main", State = new() { Terminated = new() { ExitCode = exitCode, FinishedAt = at } } }];
        return pod;
    }
}
