using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>Pods run until enough of them have succeeded.</summary>
internal sealed class JobController : ReconcilingController
{
    private const string Kind = "Job";
    private readonly Informer<Job> jobs;
    private readonly Informer<Pod> pods;
    private readonly Expectations expectations;
    private readonly PodControl control;
    private readonly EventRecorder recorder;

    public JobController(ControllerContext context) : base("job-controller", context, workers: 5)
    {
        recorder = context.Recorder(Name);
        control = new(context, recorder);
        expectations = new(context.Clock);
        jobs = Reconciles(context.Informers.Get(Kinds.Jobs)).IndexByNamespace();
        pods = context.Informers.Pods();
        expectations.Watch(pods, Kind);
        ReconcilesOwner(pods, Kind);
        Adopts(pods, jobs, JobSelection.Selector);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (jobs.Find(key) is not { } job)
        {
            expectations.Forget(key);
            return ReconcileResult.Done;
        }
        if (job.Spec.ManagedBy is { Length: > 0 } manager && manager != "kubernetes.io/job-controller")
        {
            return ReconcileResult.Done;
        }
        var settled = expectations.Satisfied(key);
        Pod[] candidates = [.. pods.ControlledBy(job.Metadata.Uid!), .. pods.WithoutController(key.Namespace)];
        var claim = Claim.Compute(job, JobSelection.Selector(job), candidates);
        await claim.ApplyAsync(Client, Kinds.Jobs, job, Kinds.Pods, cancellationToken);
        var plan = JobPlan.Compute(job, claim.Claimed, Clock.GetUtcNow());
        // Counts are written before anything is let go that they depend on.
        await WriteStatusAsync(job, plan, cancellationToken);
        foreach (var pod in plan.Release)
        {
            await TrackedPod.ReleaseAsync(Client, pod, cancellationToken);
        }
        if (settled)
        {
            await SizeAsync(key, job, plan, claim.Claimed, cancellationToken);
        }
        return new(plan.RequeueAfter);
    }

    private async Task SizeAsync(
        NamespacedName key, Job job, JobPlan plan, IReadOnlyList<Pod> own, CancellationToken cancellationToken)
    {
        foreach (var pod in plan.Delete)
        {
            if (!plan.CountsDeleted)
            {
                await TrackedPod.ReleaseAsync(Client, pod, cancellationToken);
            }
            expectations.ExpectDeletion(key, pod.Metadata.Uid!);
            if (await control.DeleteAsync(job, pod, cancellationToken) is not null)
            {
                expectations.DeletionSeen(key, pod.Metadata.Uid);
            }
        }
        if (plan.Create.Count == 0)
        {
            return;
        }
        expectations.ExpectCreations(key, plan.Create.Count);
        var present = new JobPods(job, own);
        var (created, failure) = await control.CreateSlowlyAsync(
            job, plan.Create.Count, i => JobPod.Create(job, plan.Create[i], present.LastFailed(plan.Create[i])), cancellationToken);
        expectations.CreationsFailed(key, plan.Create.Count - created);
        if (failure is not null)
        {
            throw new InvalidOperationException(failure);
        }
    }

    private async Task WriteStatusAsync(Job job, JobPlan plan, CancellationToken cancellationToken)
    {
        if (!await WriteStatusAsync(Kinds.Jobs, job.Metadata, job.Status, plan.Status, ObjectJson.Default.JobStatus, cancellationToken))
        {
            return;
        }
        if (plan.Finished is { } verdict)
        {
            var message = verdict.Succeeded ? "Job completed" : verdict.Message;
            recorder.Record(
                job, verdict.Succeeded ? EventType.Normal : EventType.Warning, verdict.Succeeded ? "Completed" : verdict.Reason, message);
        }
        RecordSuspension(job, plan.Status);
    }

    private void RecordSuspension(Job job, JobStatus status)
    {
        var (before, after) = (Suspended(job.Status), Suspended(status));
        if (before != after && after is not null)
        {
            recorder.Record(job, EventType.Normal, after == "True" ? "Suspended" : "Resumed", after == "True" ? "Job suspended" : "Job resumed");
        }
    }

    private static string? Suspended(JobStatus status) =>
        Array.Find(status.Conditions ?? [], condition => condition.Type == "Suspended")?.Status;
}
